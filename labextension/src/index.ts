/** The plugins of celltrail for JupyterLab. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { mimePlugin } from './plugins/mime';

const plugins: JupyterFrontEndPlugin<void>[] = [mimePlugin];

export default plugins;
