// A reporter for node:test that writes what scripts/test.mjs needs to know of each test, one JSON per line.
export default async function* toLines(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { name, nesting, file, entryFile, skip, details } = data;
    const suite = details?.type === 'suite';
    yield `${JSON.stringify({ name, nesting, file, entryFile, skip, suite })}\n`;
  }
}
