// A peer on Node's library ws. Arguments: "server", or "client" and a URL; then the options of
// permessage-deflate as JSON, or "false".
// As a server it prints its port, echoes, and closes with 4001 when it gets the text "close". As a client it takes commands,
// one a line, on standard input and prints what arrives: a word, and base64 of the content.
'use strict';
const readline = require('node:readline');
const WebSocket = require('ws');

const maxPayload = 2 << 20;
const [mode, ...rest] = process.argv.slice(2);
const perMessageDeflate = JSON.parse(rest.at(-1));

function say(word, bytes) {
  process.stdout.write(`${word} ${Buffer.from(bytes).toString('base64')}\n`);
}

if (mode === 'server') {
  const handleProtocols = (names) => (names.has('echo') ? 'echo' : false);
  const server = new WebSocket.Server({ host: '127.0.0.1', port: 0, maxPayload, perMessageDeflate, handleProtocols });
  server.on('listening', () => console.log(server.address().port));
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      if (!isBinary && data.toString() === 'close') {
        socket.close(4001, 'bye');
      } else {
        socket.send(data, { binary: isBinary });
      }
    });
  });
} else {
  const socket = new WebSocket(rest[0], 'echo', { maxPayload, perMessageDeflate });
  socket.on('open', () => say('open', ''));
  socket.on('message', (data, isBinary) => say(isBinary ? 'binary' : 'text', data));
  socket.on('close', (code, reason) => say(`close ${code}`, reason));
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const [command, base64, code] = line.split(' ');
    const bytes = Buffer.from(base64, 'base64');
    if (command === 'close') {
      socket.close(Number(code), bytes.toString());
    } else {
      socket.send(bytes, { binary: command === 'binary' });
    }
  });
}
