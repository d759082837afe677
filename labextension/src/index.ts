/** The plugins of celltrail for JupyterLab. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { mimePlugin } from './plugins/mime';
import { trailPlugin } from './plugins/trail';

const plugins: JupyterFrontEndPlugin<void>[] = [mimePlugin, trailPlugin];

export default plugins;
