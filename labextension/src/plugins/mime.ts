/** Draws the runs saved in a notebook's outputs, in JupyterLab and Notebook, with a kernel or without. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { RUN_MIME, isRunView } from '../schema';
import { drawRun } from '../shared/run';
import type { IRunActions } from '../shared/panel';
import type { ISay } from '../shared/say';
import { cellActions } from './actions';

interface IRendererProps {
  say: ISay;
  actionsAt: (node: HTMLElement) => IRunActions | null;
}

/** One output that holds a run. */
class RunRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly props: IRendererProps) {
    super();
    this.addClass('jp-Celltrail');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const view: unknown = model.data[RUN_MIME];
    if (isRunView(view)) {
      drawRun(this.node, { view, say: this.props.say, actions: this.props.actionsAt(this.node) });
    } else {
      this.showText(model.data['text/plain']);
    }
    return Promise.resolve();
  }

  /** A run of another version of celltrail is told in its own words. */
  private showText(text: unknown): void {
    const told = Array.isArray(text) ? text.join('') : text;
    this.node.textContent =
      typeof told === 'string'
        ? told
        : this.props.say.__('This run was saved by another version of celltrail.');
  }
}

export const mimePlugin: JupyterFrontEndPlugin<void> = {
  id: '@celltrail/labextension:mime',
  description: 'Draws the line and the panel of a run.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    const say = (translator ?? nullTranslator).load('celltrail');
    const actionsAt = (node: HTMLElement) => notebooks && cellActions(notebooks, node);
    registry.addFactory(
      {
        // Drawn from text alone, so it is safe in notebooks that are not trusted.
        safe: true,
        mimeTypes: [RUN_MIME],
        createRenderer: () => new RunRenderer({ say, actionsAt })
      },
      0
    );
  }
};
