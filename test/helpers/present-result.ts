import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAssertion } from '../../loadtest/analysis/assertion-syntax.ts';
import { present } from '../../loadtest/commands/deliver.ts';
import type { LabResult } from '../../loadtest/result/result.ts';
import { makeFolder, type Scope } from './lab-command.ts';
import { createStubLab } from './stub-lab.ts';

/** A result in every form the lab has for it. */
export interface Presented {
  readonly code: number;
  readonly terminal: string;
  readonly summary: string;
  readonly junit: string;
  readonly page: string;
}

/** Has the lab render a result, as `lab report` does, under these conditions. */
export async function presentResult(
  scope: Scope,
  result: LabResult,
  conditions: readonly string[] = [],
): Promise<Presented> {
  const folder = makeFolder(scope);
  const [summary, junit, page] = ['summary.md', 'junit.xml', 'report.html'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  let terminal = '';
  const print = (text: string) => {
    terminal += text;
  };
  const code = await present(
    { ...createStubLab(), print },
    result,
    { assert: conditions.map(parseAssertion), junit, summary },
    page,
  );
  const read = (path: string) => readFileSync(path, 'utf8');
  return { code, terminal, summary: read(summary), junit: read(junit), page: read(page) };
}
