/** Makes plain objects, arrays and maps immutable, all the way down. Instances of classes (URL, Secret) are left as they are. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const each of value.values()) deepFreeze(each);
    // Object.freeze does not reach a Map's entries, so its three ways to change are closed as well.
    Object.defineProperties(value, { set: { value: refuse }, delete: { value: refuse }, clear: { value: refuse } });
    return Object.freeze(value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) return value;
  for (const each of Object.values(value)) deepFreeze(each);
  return Object.freeze(value);
}

function refuse(): never {
  throw new TypeError("the configuration is immutable");
}
