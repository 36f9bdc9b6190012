// A reporter for node:test that writes what scripts/test.mjs needs to know of each test, one JSON per line.
export default async function* toLines(events) {
  for await (const { type, data } of events) {
    // A file is dequeued when its turn to run has come.
    if (!['test:dequeue', 'test:pass', 'test:fail'].includes(type)) continue;
    const { name, nesting, file, entryFile, skip, details } = data;
    const suite = details?.type === 'suite';
    yield `${JSON.stringify({ type, name, nesting, file, entryFile, skip, suite })}\n`;
  }
}
