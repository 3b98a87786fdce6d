/** `npm run build`: dist/ from src/, and the web page. `npm pack` calls it too. */
import { build, ensureInstalled, ensureWorkbench } from './workspace.mjs';

ensureInstalled();
build();
ensureWorkbench();
