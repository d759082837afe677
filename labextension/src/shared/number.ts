/** Numbers for the eye: few digits, no leading zero where the drawing is small. */
import type { Numeric } from '../schema';

/** The finite number, or null for a gap (nan, infinities, nothing). */
export function finite(value: Numeric | null): number | null {
  return typeof value === 'number' ? value : null;
}

/** `0.0113` as `.011`: two figures that count, as short as they can be said. */
export function tight(value: Numeric, figures = 2): string {
  if (typeof value !== 'number') {
    return value;
  }
  const size = Math.abs(value);
  const digits = size === 0 ? 0 : Math.max(0, figures - 1 - Math.floor(Math.log10(size)));
  const text = digits > 6 ? value.toExponential(figures - 1) : value.toFixed(digits);
  return text.replace(/^(-?)0\./, '$1.');
}

/** `60216` as `60 216`, with thin spaces that don't break. */
export function counted(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

/** Two to four round values that span these. */
export function roundTicks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / 2;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(one => one >= raw * 0.999) ?? raw;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: Math.max(last - first, 1) + 1 }, (_, index) => (first + index) * step);
}

/** Ticks with just the digits that tell them apart. */
export function tickText(value: number, step: number): string {
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const exact = Number.isInteger(Number((step * 10 ** digits).toFixed(6))) ? digits : digits + 1;
  return value.toFixed(exact).replace(/^(-?)0\./, '$1.');
}
