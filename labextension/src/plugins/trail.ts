/** The panel of `%trail`: alive where its kernel is; elsewhere the runs as they were saved, not an error. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel } from '@lumino/widgets';

const TRAIL_MIME = 'application/vnd.celltrail.trail.v1+json';
const WIDGET_MIME = 'application/vnd.jupyter.widget-view+json';
const ALIVE = '.jp-Celltrail-browser';
/** Before the widget's own renderer, which stands at -10 and knows no other way than the living widget. */
const RANK = -20;

/** The saved table until the widget has drawn itself. */
class TrailRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly global: IRenderMimeRegistry,
    private readonly registryAt: (node: HTMLElement) => IRenderMimeRegistry | null
  ) {
    super();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model;
    const saved = this.global.createRenderer('text/html');
    this.widgets.forEach(widget => widget.dispose());
    this.addWidget(saved);
    await saved.renderModel(model);
    this.comeAlive();
  }

  override dispose(): void {
    this.observer?.disconnect();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.comeAlive();
  }

  /** Only what is attached knows its notebook, and only that knows the widgets of its kernel. */
  private comeAlive(): void {
    const [saved, known] = this.widgets;
    const registry = this.registryAt(this.node);
    if (saved === undefined || known !== undefined || this.model?.trusted !== true) {
      return;
    }
    if (registry?.mimeTypes.includes(WIDGET_MIME) !== true) {
      return;
    }
    const live = registry.createRenderer(WIDGET_MIME);
    live.hide();
    this.addWidget(live);
    this.observer?.disconnect();
    this.observer = new MutationObserver(() => {
      const isAlive = live.node.querySelector(ALIVE) !== null;
      saved.setHidden(isAlive);
      live.setHidden(!isAlive);
    });
    this.observer.observe(live.node, { childList: true, subtree: true });
    void live.renderModel(this.model);
  }

  private model: IRenderMime.IMimeModel | null = null;
  private observer: MutationObserver | null = null;
}

export const trailPlugin: JupyterFrontEndPlugin<void> = {
  id: '@celltrail/labextension:trail',
  description: 'Shows the saved runs of %trail until its panel is alive.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker],
  activate: (_app: JupyterFrontEnd, global: IRenderMimeRegistry, notebooks: INotebookTracker | null): void => {
    const registryAt = (node: HTMLElement) =>
      notebooks?.find(panel => panel.node.contains(node))?.content.rendermime ?? null;
    global.addFactory(
      {
        // The table goes through the registry's own renderer, which cleans it; the widget only where it is trusted.
        safe: true,
        mimeTypes: [TRAIL_MIME],
        createRenderer: () => new TrailRenderer(global, registryAt)
      },
      RANK
    );
  }
};
