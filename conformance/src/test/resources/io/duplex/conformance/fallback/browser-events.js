// As much of node:events as our scripts use.
export function once(emitter, type) {
  return new Promise((resolve) => {
    if (emitter.once) emitter.once(type, (...values) => resolve(values));
    else emitter.addEventListener(type, (event) => resolve([event]), { once: true });
  });
}
