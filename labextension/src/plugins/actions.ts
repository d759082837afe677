/** The panel's actions in a notebook: each writes a cell below the panel's own, and leaves running it to the person. */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { IRunActions } from '../shared/panel';

export function cellActions(notebooks: INotebookTracker, node: HTMLElement): IRunActions {
  return {
    compare: (left, right) => writeBelow(notebooks, node, `%compare ${left} ${right}`),
    restore: reference => writeBelow(notebooks, node, `%restore ${reference}`)
  };
}

function writeBelow(notebooks: INotebookTracker, node: HTMLElement, code: string): void {
  const panel: NotebookPanel | undefined = notebooks.find(one => one.node.contains(node));
  const index = panel?.content.widgets.findIndex(cell => cell.node.contains(node)) ?? -1;
  if (panel === undefined || index < 0) {
    return;
  }
  panel.content.activeCellIndex = index;
  NotebookActions.insertBelow(panel.content);
  panel.content.activeCell?.model.sharedModel.setSource(code);
}
