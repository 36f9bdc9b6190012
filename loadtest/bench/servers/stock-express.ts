// The same routes as people write them with Express: what our server's request handling is compared with.
import express from 'express';
import { announce } from './announce.ts';

const users = [
  { id: 1, name: 'John Doe', email: 'john@example.com' },
  { id: 2, name: 'Jane Smith', email: 'jane@example.com' },
];

const app = express();
app.use(express.json());

app.get('/health', (_req, res) => {
  res.json({
    status: 'OK',
    message: 'Server is running',
    timestamp: new Date().toISOString(),
  });
});

app.get('/users', (_req, res) => {
  res.json({ success: true, time: Date.now(), count: users.length, data: users });
});

app.post('/users', (req, res) => {
  const user = { id: users.length + 1, name: req.body.name, email: req.body.email };
  users.push(user);
  res.status(201).json({ success: true, message: 'User created successfully', data: user });
});

const server = app.listen(0, '127.0.0.1', () => announce(server, 'stock-express'));
