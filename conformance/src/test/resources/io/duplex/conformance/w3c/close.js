// Intent of web-platform-tests websockets/: Close-*, close-invalid, closing-handshake/*, interfaces/WebSocket/close/*,
// interfaces/CloseEvent/*, interfaces/WebSocket/readyState/*.

async function closedBy(close, path = '/echo') {
  const socket = await opened(path);
  const event = next(socket, 'close');
  close(socket);
  assert_equals(socket.readyState, WebSocket.CLOSING);
  return event;
}
// What the server is told, as "code reason".
async function sentBy(close) {
  const socket = await opened('/remember');
  close(socket);
  assert_true((await next(socket, 'close')).wasClean);
  const told = next(new WebSocket(SERVER + '/remembered'), 'message');
  return (await told).data;
}
function assert_closed(event, code, reason = '', wasClean = true) {
  assert_true(event instanceof CloseEvent);
  assert_equals(event.type, 'close');
  assert_equals(event.code, code);
  assert_equals(event.reason, reason);
  assert_equals(event.wasClean, wasClean);
}

define('without arguments the server is told no code either', async () =>
  assert_equals(await sentBy(socket => socket.close()), '1005'));

define('without arguments there is no code', async () => assert_closed(await closedBy(socket => socket.close()), 1005));

define('an undefined code is none', async () => assert_closed(await closedBy(socket => socket.close(undefined)), 1005));

define('a reason without a code is sent with 1000', async () =>
  assert_equals(await sentBy(socket => socket.close(undefined, 'why')), '1000 why'));

for (const code of [1000, 3000, 4999]) {
  define(`${code} may be sent`, async () => assert_closed(await closedBy(socket => socket.close(code)), code));
  define(`${code} may be sent with a reason`, async () =>
    assert_equals(await sentBy(socket => socket.close(code, 'Clean Close')), code + ' Clean Close'));
}

for (const code of [0, 500, 999, 1001, 1005, 1006, 1015, 2999, 5000, 65535, 65536 + 1000, -1000, NaN, null, 'text', 1000.6]) {
  define(`${code} may not be sent`, async () => {
    const socket = await opened();
    assert_throws_dom('InvalidAccessError', () => socket.close(code));
    assert_throws_dom('InvalidAccessError', () => socket.close(code, 'reason'));
    assert_equals(socket.readyState, WebSocket.OPEN);
    assert_equals(await echoed(socket, 'still there'), 'still there');
    socket.close();
  });
}

define('a code is rounded, half to even', async () =>
  assert_closed(await closedBy(socket => socket.close(3000.5)), 3000));

define('a code may be a numeric string', async () => assert_closed(await closedBy(socket => socket.close('4000')), 4000));

define('a reason has at most 123 bytes', async () => {
  const socket = await opened();
  assert_throws_dom('SyntaxError', () => socket.close(1000, 'a'.repeat(124)));
  assert_throws_dom('SyntaxError', () => socket.close(1000, 'é'.repeat(62)));
  assert_throws_dom('InvalidAccessError', () => socket.close(1, 'a'.repeat(124)));
  assert_equals(socket.readyState, WebSocket.OPEN);
  const longest = 'é'.repeat(61) + 'a';
  socket.close(1000, longest);
  assert_equals(await sentBy(other => other.close(1000, longest)), '1000 ' + longest);
});

define('lone surrogates of a reason become U+FFFD', async () =>
  assert_equals(await sentBy(socket => socket.close(1000, '\uD807')), '1000 \uFFFD'));

define('the arguments are checked in every state', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  assert_throws_dom('InvalidAccessError', () => socket.close(1));
  await next(socket, 'open');
  socket.close();
  assert_throws_dom('InvalidAccessError', () => socket.close(1));
  await next(socket, 'close');
  assert_throws_dom('SyntaxError', () => socket.close(1000, 'a'.repeat(124)));
});

define('it returns undefined', async () => {
  const socket = await opened();
  assert_equals(socket.close(), undefined);
  assert_equals(socket.close(), undefined);
});

define('while connecting it is a failure', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  const events = history(socket);
  const event = next(socket, 'close');
  socket.close();
  assert_equals(socket.readyState, WebSocket.CLOSING);
  assert_closed(await event, 1006, '', false);
  assert_equals(await events, 'error close');
  assert_equals(socket.readyState, WebSocket.CLOSED);
});

define('while connecting, in a later turn, it is a failure as well', async () => {
  const socket = new WebSocket(SILENT);
  const events = history(socket);
  await later(50);
  socket.close();
  assert_equals(await events, 'error close');
});

define('it may be called again and again', async () => {
  const socket = await opened();
  const events = history(socket);
  for (let i = 0; i < 10; i++) socket.close(3000 + i);
  assert_equals((await next(socket, 'close')).code, 3000);
  for (let i = 0; i < 10; i++) socket.close();
  assert_equals(await events, 'close');
});

define('it may be called within its event', async () => {
  const socket = await opened();
  const events = history(socket);
  socket.addEventListener('close', () => socket.close());
  socket.close();
  assert_equals(await events, 'close');
  assert_equals(socket.readyState, WebSocket.CLOSED);
});

define('it may be called within open', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  const events = history(socket);
  socket.onopen = () => socket.close();
  assert_equals(await events, 'open close');
});

define('the state goes from 0 to 3', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  assert_equals(socket.readyState, 0);
  await next(socket, 'open');
  assert_equals(socket.readyState, 1);
  try { socket.readyState = 3; } catch (fault) { /* in strict mode */ }
  assert_equals(socket.readyState, 1);
  socket.close();
  assert_equals(socket.readyState, 2);
  await next(socket, 'close');
  assert_equals(socket.readyState, 3);
});

define('the server may close, with a code and a reason', async () => {
  const socket = new WebSocket(SERVER + '/close?code=4321&reason=because');
  const events = history(socket);
  assert_closed(await next(socket, 'close'), 4321, 'because');
  assert_equals(socket.readyState, WebSocket.CLOSED);
  assert_equals(await events, 'open close');
});

for (const code of [1001, 1002, 1003, 1007, 1011, 1012, 1014]) {
  define(`the server may close with ${code}`, async () => {
    const socket = new WebSocket(SERVER + '/close?code=' + code);
    assert_closed(await next(socket, 'close'), code);
  });
}

define('the server may close without a code', async () => {
  assert_closed(await next(new WebSocket(SERVER + '/close'), 'close'), 1005);
});

define('the server may close in answer to a message', async () => {
  const socket = await opened('/echo');
  const events = history(socket);
  socket.send('Goodbye');
  assert_closed(await next(socket, 'close'), 1000);
  assert_equals(await events, 'message close');
});

define('the end of TCP alone is a failure', async () => {
  const socket = await opened('/abort');
  const events = history(socket);
  socket.send('now');
  assert_closed(await next(socket, 'close'), 1006, '', false);
  assert_equals(await events, 'error close');
});

define('an abort in answer to a close is a failure', async () => {
  const socket = await opened('/abort');
  socket.send('now');
  socket.close();
  assert_closed(await next(socket, 'close'), 1006, '', false);
});

define('messages that come after close are dropped', async () => {
  const socket = await opened('/echo');
  const events = history(socket);
  socket.send('a');
  socket.send('b');
  socket.close();
  assert_equals(await events, 'close');
});

define('a close event can be made', () => {
  const bare = new CloseEvent('foo');
  assert_equals(bare.type, 'foo');
  assert_equals(bare.wasClean, false);
  assert_equals(bare.code, 0);
  assert_equals(bare.reason, '');
  const full = new CloseEvent('foo', { wasClean: true, code: 7, reason: 'x' });
  assert_equals(full.wasClean, true);
  assert_equals(full.code, 7);
  assert_equals(full.reason, 'x');
  assert_throws_js(TypeError, () => new CloseEvent());
});

define('a close event has no methods of older interfaces', () => assert_false('initCloseEvent' in CloseEvent.prototype));
