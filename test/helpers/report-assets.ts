import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ReportAssets } from '../../loadtest/report/html/render-report.ts';
import { findProjectRoot } from '../../loadtest/target/server-entry.ts';

/** Reads what report.html is made of: uPlot, and the page's script from the build. */
export function readReportAssets(): ReportAssets {
  const { resolve } = createRequire(import.meta.url);
  const read = (path: string) => readFileSync(path, 'utf8');
  // Classic scripts that share one scope; they begin to work when all of them have been read.
  const page = join(findProjectRoot(), 'dist', 'loadtest', 'report', 'html', 'page');
  const scripts = readdirSync(page).filter((name) => name.endsWith('.js'));
  return {
    uplotJs: read(resolve('uplot/dist/uPlot.iife.min.js')),
    uplotCss: read(resolve('uplot/dist/uPlot.min.css')),
    pageJs: `(() => {\n${scripts
      .sort()
      .map((name) => read(join(page, name)))
      .join('\n')}})();`,
    sha256: (text) => createHash('sha256').update(text).digest('base64'),
  };
}
