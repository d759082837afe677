/** The widget of `%trail`, as anywidget loads it. */
import { plainWords } from './shared/say';
import { RunBrowser } from './widget/browser';
import type { IModel } from './widget/channel';

interface IRenderProps {
  model: IModel;
  el: HTMLElement;
}

function render({ model, el }: IRenderProps): () => void {
  const browser = new RunBrowser(model, plainWords);
  el.append(browser.node);
  return () => browser.dispose();
}

export default { render };
