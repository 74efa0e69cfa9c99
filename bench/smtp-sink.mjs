// Takes every mail and forgets it: as little work as a mail server can be, in a process of its own.
import { createServer } from 'node:net';

const server = createServer((socket) => {
  let isBody = false;
  let rest = '';
  socket.setNoDelay(true).on('error', () => undefined);
  socket.write('220 sink\r\n');
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop();
    for (const line of lines) {
      if (isBody) {
        if (line !== '.') continue;
        isBody = false;
        socket.write('250 taken\r\n');
      } else if (/^DATA$/i.test(line)) {
        isBody = true;
        socket.write('354 go on\r\n');
      } else if (/^QUIT$/i.test(line)) socket.end('221 bye\r\n');
      else socket.write('250 sink\r\n');
    }
  });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
