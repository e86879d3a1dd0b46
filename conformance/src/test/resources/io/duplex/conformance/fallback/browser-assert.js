// As much of node:assert/strict as our scripts use.
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

function check(holds, message) {
  if (!holds) throw new Error(message);
}

const show = (value) => `${JSON.stringify(value)}`.slice(0, 300);

export default {
  equal: (actual, expected) => check(Object.is(actual, expected), `${show(actual)} is not ${show(expected)}`),
  deepEqual: (actual, expected) => check(same(actual, expected), `${show(actual)} is not ${show(expected)}`),
  throws(code, { name }) {
    let thrown;
    try {
      code();
    } catch (fault) {
      thrown = fault;
    }
    check(thrown?.name === name, `threw ${thrown?.name}, not ${name}`);
  },
};
