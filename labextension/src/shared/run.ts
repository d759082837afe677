/** A run in the notebook: its line or its panel, whichever is open. */
import type { RunView } from '../schema';
import { runLine } from './line';
import type { IRunActions } from './panel';
import { runPanel } from './panel';
import type { ISay } from './say';

export interface IRunProps {
  view: RunView;
  say: ISay;
  actions: IRunActions | null;
}

/** Draw the run into a place, as line or panel; opening and closing keeps the keyboard where it was. */
export function drawRun(place: HTMLElement, props: IRunProps): void {
  draw(props.view.mode === 'panel', false);

  function draw(isOpen: boolean, keepFocus: boolean): void {
    const drawing = isOpen
      ? runPanel({ ...props, close: () => draw(false, true) })
      : runLine({ ...props, open: () => draw(true, true) });
    place.replaceChildren(drawing);
    if (keepFocus) {
      drawing.querySelector<HTMLElement>('.jp-Celltrail-opener')?.focus();
    }
  }
}
