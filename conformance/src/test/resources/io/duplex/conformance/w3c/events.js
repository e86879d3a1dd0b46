// Intent of web-platform-tests websockets/: eventhandlers, interfaces/WebSocket/events/*, keeping-connection-open, security.

define('handlers are null at first', () => {
  const socket = new WebSocket(SERVER + '/echo');
  for (const handler of ['onopen', 'onmessage', 'onerror', 'onclose']) {
    assert_equals(socket[handler], null);
    const listener = () => {};
    socket[handler] = listener;
    assert_equals(socket[handler], listener);
    for (const nothing of [null, undefined, 0, 1, '', 'text', true]) {
      socket[handler] = nothing;
      assert_equals(socket[handler], null);
    }
    const object = {};
    socket[handler] = object;
    assert_equals(socket[handler], object);
    delete socket[handler];
    assert_equals(socket[handler], object);
  }
  socket.close();
});

define('events know what they are', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  function check(event, type, kind) {
    assert_equals(event.type, type);
    assert_true(event instanceof kind);
    assert_equals(event.target, socket);
    assert_equals(event.bubbles, false);
    assert_equals(event.cancelable, false);
    assert_equals(event.isTrusted, true);
  }
  const seen = [];
  socket.onopen = function (event) {
    assert_equals(this, socket);
    assert_equals(event.currentTarget, socket);
    assert_equals(event.eventPhase, 2);
    seen.push(event);
    socket.send('x');
  };
  socket.onmessage = event => { seen.push(event); socket.close(); };
  socket.onclose = event => seen.push(event);
  await next(socket, 'close');
  assert_equals(seen.length, 3);
  check(seen[0], 'open', Event);
  check(seen[1], 'message', MessageEvent);
  check(seen[2], 'close', CloseEvent);
  assert_equals(seen[1].data, 'x');
  assert_equals(seen[1].origin, SERVER);
  assert_equals(seen[1].lastEventId, '');
  assert_equals(seen[1].source, null);
  assert_array_equals(seen[1].ports, []);
});

define('the error event is a plain event', async () => {
  const socket = new WebSocket(SERVER + '/404');
  const event = await next(socket, 'error');
  assert_equals(Object.getPrototypeOf(event), Event.prototype);
  assert_equals(socket.readyState, WebSocket.CLOSED);
});

define('all listeners of an event see the same object', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  const seen = [];
  socket.addEventListener('open', event => seen.push(event));
  socket.onopen = event => seen.push(event);
  await next(socket, 'open');
  assert_equals(seen.length, 2);
  assert_equals(seen[0], seen[1]);
  socket.close();
});

define('handlers and listeners are called in order', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  const calls = [];
  socket.addEventListener('open', () => calls.push(1));
  socket.onopen = () => calls.push('replaced');
  socket.addEventListener('open', () => calls.push(3));
  socket.onopen = () => calls.push(2);
  socket.addEventListener('open', () => calls.push(0), true);
  await next(socket, 'open');
  assert_array_equals(calls, [0, 1, 2, 3]);
  socket.close();
});

define('a handler can be taken away', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  let called = false;
  socket.onopen = () => { called = true; };
  socket.onopen = null;
  await next(socket, 'open');
  assert_false(called);
  socket.close();
});

define('listeners can be taken away and count once', async () => {
  const socket = await opened();
  let calls = 0;
  const listener = () => calls++;
  socket.addEventListener('message', listener);
  socket.addEventListener('message', listener);
  await echoed(socket, 'a');
  assert_equals(calls, 1);
  socket.removeEventListener('message', listener, true);
  await echoed(socket, 'b');
  assert_equals(calls, 2);
  socket.removeEventListener('message', listener);
  await echoed(socket, 'c');
  assert_equals(calls, 2);
  socket.close();
});

define('a listener may be an object', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  await new Promise(resolve => socket.addEventListener('open', { handleEvent: resolve }));
  socket.close();
});

define('a listener that is added in the turn of the constructor or before the turn ends misses nothing', async () => {
  const socket = new WebSocket(SERVER + '/greeting');
  const until = Date.now() + 200;
  while (Date.now() < until);
  const events = history(socket);
  assert_equals((await next(socket, 'message')).data, 'hello');
  socket.close();
  assert_equals(await events, 'open message close');
});

for (const type of ['open', 'message', 'error', 'close']) {
  define(`an event ${type} of one's own reaches the handler`, () => {
    const socket = new WebSocket(SERVER + '/echo');
    let seen = null;
    socket['on' + type] = event => { seen = event; };
    const mine = type === 'message' ? new MessageEvent(type, { data: 'x' })
        : type === 'close' ? new CloseEvent(type) : new Event(type);
    assert_true(socket.dispatchEvent(mine));
    assert_equals(seen, mine);
    assert_equals(mine.isTrusted, false);
    assert_equals(socket.readyState, 0);
    socket.close();
  });
}

define('an event of one\'s own of any type reaches listeners', () => {
  const socket = new WebSocket(SERVER + '/echo');
  let seen = 0;
  socket.addEventListener('mine', event => { seen++; event.preventDefault(); }, { once: true });
  assert_false(socket.dispatchEvent(new Event('mine', { cancelable: true })));
  assert_true(socket.dispatchEvent(new Event('mine', { cancelable: true })));
  assert_equals(seen, 1);
  socket.close();
});

define('a server that answers with another status is a failure', async () => {
  assert_equals(await history(new WebSocket(SERVER + '/forbidden')), 'error close');
});

define('an invalid frame is a failure, and what came before it is a message', async () => {
  const socket = new WebSocket(SERVER + '/too-big');
  assert_equals(await history(socket), 'open message error close');
});

define('a connection stays open while nothing happens', async () => {
  const socket = await opened();
  await later(500);
  assert_equals(socket.readyState, 1);
  assert_equals(await echoed(socket, 'x'), 'x');
  socket.close();
});

define('microtasks run between the listeners\' events', async () => {
  const socket = await opened('/two');
  const order = [];
  socket.onmessage = event => {
    order.push(event.data);
    Promise.resolve().then(() => order.push('after ' + event.data));
  };
  await next(socket, 'close');
  assert_array_equals(order, ['1', 'after 1', '2', 'after 2']);
});
