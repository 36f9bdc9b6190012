import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BurstResult, burstResultSchema } from '../../loadtest/result/burst-result.ts';

/** The one result in a folder of results, with the name of its own folder. */
export function readSavedBurst(folder: string): { name: string; result: BurstResult } {
  const [name = ''] = readdirSync(folder);
  const text = readFileSync(join(folder, name, 'burst.json'), 'utf8');
  return { name, result: burstResultSchema.parse(JSON.parse(text)) };
}
