/**
 * The direction of dependencies is a matter of lint rules, and a glob that stops matching fails
 * silently. So every rule is shown a file that breaks it, and one that does not. Biome runs once over
 * all samples, in a temporary folder with this repository's configuration and layout.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

/** A file, what is in it, and the rule that must reject it. `sample.ts` stands for a name of its own. */
type Sample = [path: string, code: string, rule: string | undefined];

const imports = 'noRestrictedImports';
const samples: Sample[] = [
  ['workers/sample.ts', "import '../src/config.ts';", imports],
  ['workers/sample.ts', "import type { Config } from '../src/config.ts';", imports],
  ['workers/sample.ts', "import '../loadtest/cli.ts';", imports],
  ['workers/sample.ts', "import 'express';", imports],
  ['workers/sample.ts', "import { Piscina } from 'piscina';", imports],
  ['workers/sample.ts', "import './clock.ts';", undefined],
  ['workers/monitor/sample.ts', "import '../../src/config.ts';", imports],
  ['workers/monitor/sample.ts', "import 'express';", imports],
  ['workers/monitor/sample.ts', "import '../telemetry.ts';", undefined],

  ['src/sample.ts', "import { Piscina } from 'piscina';", imports],
  ['src/sample.ts', "import type { Piscina } from 'piscina';", imports],
  ['src/sample.ts', "import '../workers/compute.ts';", imports],
  ['src/sample.ts', "import './compute/pool-runner.ts';", imports],
  ['src/sample.ts', "import type { ComputeRunner } from './compute/runner.ts';", undefined],
  ['src/sample.ts', "import './routes/compute.ts';", undefined],
  ['src/sample.ts', "import '../loadtest/cli.ts';", imports],
  ['src/http/sample.ts', "await import('piscina');", imports],
  ['src/users/sample.ts', "import '../../workers/sum.ts';", imports],

  ['src/routes/sample.ts', "import '../compute/pool-runner.ts';", imports],
  ['src/routes/sample.ts', "import '../compute/inline-runner.ts';", imports],
  ['src/routes/sample.ts', "import type { Gate } from '../compute/gate.ts';", imports],
  ['src/routes/sample.ts', "import 'piscina';", imports],
  ['src/routes/sample.ts', "import '../../workers/sum.ts';", imports],
  ['src/routes/sample.ts', "import type { R } from '../compute/runner.ts';", undefined],

  ['src/compute/sample.ts', "import '../../workers/monitor.ts';", imports],
  ['src/compute/sample.ts', "import '../../workers/monitor/series.ts';", imports],
  ['src/compute/sample.ts', "import '../routes/compute.ts';", imports],
  ['src/compute/sample.ts', "import 'express';", imports],
  ['src/compute/sample.ts', "import 'piscina';", undefined],
  ['src/compute/sample.ts', "import '../../workers/compute.ts';", undefined],

  ['src/monitor/sample.ts', "import '../../workers/compute.ts';", imports],
  ['src/monitor/sample.ts', "import '../../workers/sum.ts';", imports],
  ['src/monitor/sample.ts', "import '../compute/pool-runner.ts';", imports],
  ['src/monitor/sample.ts', "import 'piscina';", imports],
  ['src/monitor/sample.ts', "import '../../workers/monitor.ts';", undefined],

  ['loadtest/sample.ts', "import { loadConfig } from '../src/config.ts';", 'plugin'],
  ['loadtest/sample.ts', "import '../workers/compute.ts';", 'plugin'],
  ['loadtest/sample.ts', "import { type A, b } from '../src/config.ts';", 'plugin'],
  ['loadtest/sample.ts', "import * as all from '../src/config.ts';", 'plugin'],
  ['loadtest/sample.ts', "import all from '../src/config.ts';", 'plugin'],
  ['loadtest/sample.ts', "await import('../src/config.ts');", 'plugin'],
  ['loadtest/target/sample.ts', "import '../../src/config.ts';", 'plugin'],
  ['loadtest/sample.ts', "import type { Config } from '../src/config.ts';", undefined],
  [
    'loadtest/sample.ts',
    "// why\nimport type {\n  T,\n} from '../workers/telemetry.ts';",
    undefined,
  ],
  ['loadtest/target/sample.ts', "import '../result/src.ts';", undefined],

  ['loadtest/analysis/sample.ts', "import 'node:fs';", imports],
  ['loadtest/analysis/sample.ts', "import 'node:fs/promises';", imports],
  ['loadtest/analysis/sample.ts', "import 'node:perf_hooks';", imports],
  ['loadtest/report/sample.ts', "import 'node:http';", imports],
  ['loadtest/report/sample.ts', "import 'node:child_process';", imports],
  ['loadtest/report/sample.ts', "import 'undici';", imports],
  ['loadtest/report/sample.ts', "import '../target/start.ts';", imports],
  ['loadtest/report/sample.ts', "import 'node:util';", undefined],
  ['loadtest/report/sample.ts', "import '../analysis/verdict.ts';", undefined],
  ['loadtest/analysis/sample.ts', 'export const at = Date.now();', 'plugin'],
  ['loadtest/analysis/sample.ts', 'export const at = new Date();', 'plugin'],
  ['loadtest/analysis/sample.ts', 'export const x = Math.random();', 'plugin'],
  ['loadtest/report/sample.ts', 'export const at = performance.now();', 'noRestrictedGlobals'],
  ['loadtest/report/sample.ts', "console.log('printed');", 'noRestrictedGlobals'],
  ['loadtest/report/sample.ts', 'export const at = new Date(0);', undefined],
  ['loadtest/target/sample.ts', 'export const at = Date.now();', undefined],

  ['src/sample.ts', 'export const port = process.env.PORT;', 'noProcessEnv'],
  ['src/sample.ts', 'export const first = process.argv[2];', 'plugin'],
  ['src/compute/sample.ts', 'process.exit(1);', 'plugin'],
  ['src/compute/sample.ts', 'process.exit();', 'plugin'],
  ['workers/sample.ts', 'export const n = process.env.N;', 'noProcessEnv'],
  ['loadtest/target/sample.ts', 'process.exitCode = 1;', 'plugin'],
  ['loadtest/target/sample.ts', 'export const env = process.env;', 'noProcessEnv'],
  [
    'src/server.ts',
    "import './compute/create-runner.ts';\nprocess.exit(process.argv.length + Object.keys(process.env).length);\nimport 'piscina';",
    imports,
  ],
  ['loadtest/cli.ts', 'process.exit(Number(process.env.CODE) + process.argv.length);', undefined],

  ['src/sample.ts', "import './other';", 'useImportExtensions'],
  ['src/sample.ts', "import 'fs';", 'useNodejsImportProtocol'],
  ['src/sample.ts', "export * from './other.ts';", 'noBarrelFile'],
  ['src/sample.ts', 'export const x: any = 1;', 'noExplicitAny'],
  ['src/sample.ts', 'export const f = (x?: string) => x!.length;', 'noNonNullAssertion'],
  ['src/sample.ts', 'import { T } from "./other.ts";\nexport const t: T = 1;', 'useImportType'],
  ['src/cycle-a.ts', "import './cycle-b.ts';", 'noImportCycles'],
  ['src/cycle-b.ts', "import './cycle-a.ts';", 'noImportCycles'],
  ['src/other.ts', 'export type T = number;', undefined],
];
const files = samples.map(([path], index) => path.replace('sample.ts', `sample-${index}.ts`));

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({
      category: z.string(),
      severity: z.string(),
      location: z.object({ path: z.string() }),
    }),
  ),
});

let diagnostics: z.infer<typeof reportSchema>['diagnostics'] = [];

before(() => {
  const project = mkdtempSync(join(tmpdir(), 'offload-lab-lint-'));
  after(() => rmSync(project, { recursive: true, force: true }));
  for (const name of [
    'biome.json',
    '.gitignore',
    'tsconfig.json',
    'package.json',
    'scripts/lint',
  ]) {
    cpSync(join(root, name), join(project, name), { recursive: true });
  }
  samples.forEach(([, code], index) => {
    const file = join(project, files[index] ?? '');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${code}\n`);
  });
  const { stdout } = spawnSync(
    process.execPath,
    [biome, 'lint', '--reporter=json', '--max-diagnostics=none', 'src', 'workers', 'loadtest'],
    { cwd: project, encoding: 'utf8' },
  );
  diagnostics = reportSchema.parse(JSON.parse(stdout)).diagnostics;
});

samples.forEach(([path, code, rule], index) => {
  const expectation = rule === undefined ? 'is accepted' : `is rejected by ${rule}`;
  test(`dependency rules: ${path}: ${code.split('\n')[0]}: ${expectation}`, () => {
    const rules = diagnostics
      .filter(({ severity, location }) => severity === 'error' && location.path === files[index])
      .map(({ category }) => category.split('/').at(-1));
    assert.deepEqual(rules, rule === undefined ? [] : [rule]);
  });
});
