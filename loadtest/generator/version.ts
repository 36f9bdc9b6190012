import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The lab's version, as its package has it. */
export function readLabVersion(projectRoot: string): string {
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
