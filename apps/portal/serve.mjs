// Serves the built portal on 127.0.0.1 for the front door, and ends with it.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import next from 'next';

const port = Number(process.env.PORTAL_PORT ?? 0);
const app = next({ dev: false, dir: fileURLToPath(new URL('.', import.meta.url)), hostname: '127.0.0.1', port });
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer((request, response) => void handle(request, response));
server.listen(port, '127.0.0.1', () => {
  const message = { ready: true, port: server.address().port };
  if (process.send) process.send(message);
  else console.log(JSON.stringify(message));
});
const end = () => {
  server.closeAllConnections();
  server.close(() => process.exit(0));
};
process.on('SIGTERM', end);
process.on('disconnect', end);
