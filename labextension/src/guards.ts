/**
 * Small guards, put together to large ones: what comes from a notebook file or a kernel is `unknown` until one of
 * these has looked at it. The shapes themselves are in `schema.ts` and `widget/messages.ts`.
 */

export type Guard<T> = (value: unknown) => value is T;

/** What a guard lets through. */
export type Guarded<G> = G extends Guard<infer T> ? T : never;

export const isText: Guard<string> = (value): value is string => typeof value === 'string';

export const isFlag: Guard<boolean> = (value): value is boolean => typeof value === 'boolean';

export const isFiniteNumber: Guard<number> = (value): value is number =>
  typeof value === 'number' && Number.isFinite(value);

export const isAnything: Guard<unknown> = (value): value is unknown => value !== undefined;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Guard<T> {
  return (value): value is T => allowed.some(one => one === value);
}

export function either<A, B>(left: Guard<A>, right: Guard<B>): Guard<A | B> {
  return (value): value is A | B => left(value) || right(value);
}

export function orNull<T>(guard: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || guard(value);
}

export function listOf<T>(guard: Guard<T>): Guard<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every(guard);
}

export function mapOf<T>(guard: Guard<T>): Guard<Record<string, T>> {
  return (value): value is Record<string, T> => isObject(value) && Object.values(value).every(guard);
}

/** A guard that also tells the keys it asks for. */
export interface IShape<S extends Record<string, Guard<unknown>>> {
  (value: unknown): value is { [K in keyof S]: Guarded<S[K]> };
  readonly keys: string[];
}

/** An object with at least these keys; keys that a newer celltrail added are let through unread. */
export function shape<S extends Record<string, Guard<unknown>>>(guards: S): IShape<S> {
  const guard = (value: unknown): value is { [K in keyof S]: Guarded<S[K]> } =>
    isObject(value) && Object.entries(guards).every(([key, one]) => one(value[key]));
  return Object.assign(guard, { keys: Object.keys(guards) });
}
