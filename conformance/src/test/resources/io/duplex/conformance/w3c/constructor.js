// Intent of web-platform-tests websockets/: Create-*, constructor, basic-auth, interfaces/WebSocket/{constants,url,protocol}.

for (const [what, url] of Object.entries({
  'a space in the host': 'ws://foo bar.com/',
  'a space in the host of a secure URL': 'wss://foo bar.com/',
  'the scheme ftp': 'ftp://' + HOST + '/',
  'the scheme mailto': 'mailto:example@example.org',
  'the scheme about': 'about:blank',
  'an unknown scheme': 'foo://' + HOST + '/echo',
  'an empty fragment': SERVER + '/#',
  'a fragment': SERVER + '/#test',
  'nothing but a fragment': '#test',
  'no host': 'ws://',
  'a port out of range': 'ws://localhost:65536/',
})) {
  define(`a URL with ${what} is a SyntaxError`, () => assert_throws_dom('SyntaxError', () => new WebSocket(url)));
}

define('without arguments it is a TypeError', () => assert_throws_js(TypeError, () => new WebSocket()));

define('without new it is a TypeError', () => assert_throws_js(TypeError, () => WebSocket(SERVER + '/echo')));

define('one argument is needed', () => assert_equals(WebSocket.length, 1));

define('more arguments than two are ignored', () => new WebSocket(SERVER + '/echo', [], 'more').close());

define('the URL is converted to a string', () => {
  assert_throws_dom('SyntaxError', () => new WebSocket({ toString() { return 'no://url'; } }));
  const socket = new WebSocket({ toString() { return SERVER + '/echo'; } });
  assert_equals(socket.url, SERVER + '/echo');
  socket.close();
});

define('an exception of the conversion goes through', () => {
  const mine = new Error('mine');
  try {
    new WebSocket({ toString() { throw mine; } });
  } catch (fault) {
    assert_equals(fault, mine);
    return;
  }
  throw new Error('nothing was thrown');
});

define('http and https stand for ws and wss', () => {
  for (const [given, shown] of [['http:', 'ws:'], ['https:', 'wss:']]) {
    const socket = new WebSocket(given + '//' + HOST + '/');
    assert_equals(socket.url, shown + '//' + HOST + '/');
    socket.close();
  }
});

define('a URL with http is connected to', async () => {
  const socket = new WebSocket(SERVER.replace('ws', 'http') + '/echo');
  await next(socket, 'open');
  assert_equals(socket.url, SERVER + '/echo');
  socket.close();
});

for (const [relative, absolute] of [['/echo', '/echo'], ['echo', '/dir/echo'], ['?a', '/dir/page?a'], ['', '/dir/page'],
  ['//' + HOST + '/x', '/x'], ['../echo?foo%20bar', '/echo?foo%20bar']]) {
  define(`the URL "${relative.replace(HOST, 'host')}" is relative to the page's`, () => {
    const socket = new WebSocket(relative);
    assert_equals(socket.url, SERVER + absolute);
    socket.close();
  });
}

define('the URL shows what it was made of', () => {
  for (const [given, shown] of [['ws://example.invalid:80', 'ws://example.invalid/'],
    ['wss://example.invalid:443/', 'wss://example.invalid/'],
    ['ws://example.invalid:80/test', 'ws://example.invalid/test'],
    ['ws://example.invalid/path with space?a b', 'ws://example.invalid/path%20with%20space?a%20b'],
    ['WS://EXAMPLE.invalid/Test', 'ws://example.invalid/Test']]) {
    const socket = new WebSocket(given);
    assert_equals(socket.url, shown);
    socket.close();
  }
});

define('the URL is there in every state and cannot be set', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  const shown = SERVER + '/echo';
  assert_equals(socket.url, shown);
  try { (function () { socket.url = 'http://other/'; })(); } catch (fault) { /* in strict mode */ }
  assert_equals(socket.url, shown);
  await next(socket, 'open');
  assert_equals(socket.url, shown);
  socket.close();
  assert_equals(socket.url, shown);
  await next(socket, 'close');
  assert_equals(socket.url, shown);
});

for (const [what, protocols] of Object.entries({
  'an empty string': '',
  'an empty string in a list': [''],
  'one that stands there twice': ['echo', 'echo'],
  'a space': 'ec ho',
  'beyond ASCII': '\u0080echo',
  'a control character': ['\u0008'],
  'DEL': ['\u007f'],
  'a comma': 'echo,chat',
  'a quotation mark': '"echo"',
})) {
  define(`a subprotocol that is or has ${what} is a SyntaxError`, () =>
    assert_throws_dom('SyntaxError', () => new WebSocket(SERVER + '/echo', protocols)));
}

for (const separator of '()<>@,;:\\"/[]?={} \t') {
  define(`a subprotocol with the separator ${JSON.stringify(separator)} is a SyntaxError`, () =>
    assert_throws_dom('SyntaxError', () => new WebSocket(SERVER + '/echo', 'a' + separator + 'b')));
}

define('a URL with a fault goes before a subprotocol with one', () =>
  assert_throws_dom('SyntaxError', () => new WebSocket('about:blank', ['a', 'a'])));

define('subprotocols that differ by case are different', async () => {
  const socket = await opened('/subprotocol', ['chat', 'CHAT']);
  assert_equals(socket.protocol, 'chat');
  socket.close();
});

define('one subprotocol may be a string', async () => {
  const socket = new WebSocket(SERVER + '/subprotocol', 'chat');
  assert_equals(socket.protocol, '');
  await next(socket, 'open');
  assert_equals(socket.readyState, 1);
  assert_equals(socket.protocol, 'chat');
  socket.close();
  await next(socket, 'close');
  assert_equals(socket.protocol, 'chat');
});

define('the server chooses one subprotocol of a list', async () => {
  const socket = await opened('/subprotocol', ['unknown', 'superchat', 'chat']);
  assert_equals(socket.protocol, 'superchat');
  socket.close();
});

define('a list without subprotocols offers none', async () => {
  const socket = await opened('/echo', []);
  assert_equals(socket.protocol, '');
  socket.close();
});

define('a server that takes none of the subprotocols is a failure', async () => {
  assert_equals(await history(new WebSocket(SERVER + '/subprotocol', 'unknown')), 'error close');
});

define('protocol and extensions cannot be set', async () => {
  const socket = await opened('/subprotocol', 'chat');
  try { socket.protocol = 'x'; socket.extensions = 'x'; } catch (fault) { /* in strict mode */ }
  assert_equals(socket.protocol, 'chat');
  assert_true(socket.extensions === '' || socket.extensions.startsWith('permessage-deflate'));
  socket.close();
});

define('name and password are sent', async () => {
  const socket = new WebSocket(SERVER.replace('//', '//foo:bar@') + '/basic-auth');
  assert_equals((await next(socket, 'message')).data, 'Basic Zm9vOmJhcg==');
  socket.close();
});

define('the query is sent', async () => {
  const socket = new WebSocket(SERVER + '/query?x=%20ä z');
  assert_equals((await next(socket, 'message')).data, 'x=%20%C3%A4%20z');
  socket.close();
});

define('the origin of the page is sent, and no referrer', async () => {
  const socket = new WebSocket(SERVER + '/headers');
  assert_equals((await next(socket, 'message')).data, 'origin=http://page.example referer=null');
  socket.close();
});

define('a path that is not there is a failure', async () => {
  const socket = new WebSocket(SERVER + '/404');
  assert_equals(await history(socket), 'error close');
  assert_equals(socket.readyState, 3);
});

for (const [name, value] of [['CONNECTING', 0], ['OPEN', 1], ['CLOSING', 2], ['CLOSED', 3]]) {
  define(`${name} is ${value}, on the class and its objects, for good`, () => {
    const socket = new WebSocket(SERVER + '/echo');
    for (const holder of [WebSocket, WebSocket.prototype, socket]) {
      try { holder[name] = 5; } catch (fault) { /* in strict mode */ }
      try { delete holder[name]; } catch (fault) { /* in strict mode */ }
      assert_equals(holder[name], value);
    }
    socket.close();
  });
}

define('the interface has its members', () => {
  for (const member of ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType', 'send', 'close',
    'onopen', 'onmessage', 'onerror', 'onclose', 'CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']) {
    assert_true(Object.keys(Object.getOwnPropertyDescriptors(WebSocket.prototype)).includes(member), member);
  }
  assert_true(WebSocket.prototype instanceof EventTarget);
  assert_equals(String(Object.create(WebSocket.prototype)), '[object WebSocket]');
});
