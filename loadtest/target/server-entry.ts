import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../lab-error.ts';

/** The project's folder, the nearest one above this module with a package.json. */
export function findProjectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new LabError('no package.json above the lab', 2);
    folder = parent;
  }
  return folder;
}

/** The built server: it is what is measured, also when the lab itself runs from source. */
export function findServerEntry(): string {
  const entry = join(findProjectRoot(), 'dist', 'src', 'server.js');
  if (!existsSync(entry)) {
    throw new LabError('the server is not built yet: run `npm run build` first', 2);
  }
  return entry;
}
