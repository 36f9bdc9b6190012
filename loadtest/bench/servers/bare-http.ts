// The same routes with nothing but node:http: the least that our server's request handling could cost.
import { createServer, type ServerResponse } from 'node:http';
import { announce } from './announce.ts';

const users = [
  { id: 1, name: 'John Doe', email: 'john@example.com' },
  { id: 2, name: 'Jane Smith', email: 'jane@example.com' },
];

const server = createServer((req, res) => {
  if (req.method === 'GET' && req.url === '/health') {
    send(res, 200, {
      status: 'OK',
      message: 'Server is running',
      timestamp: new Date().toISOString(),
    });
  } else if (req.method === 'GET' && req.url === '/users') {
    send(res, 200, { success: true, time: Date.now(), count: users.length, data: users });
  } else {
    send(res, 404, { success: false, message: 'Not found' });
  }
});

server.listen(0, '127.0.0.1', () => announce(server, 'bare-http'));

function send(res: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  res.end(text);
}
