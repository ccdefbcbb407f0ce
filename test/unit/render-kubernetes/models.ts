/**
 * Judges an object by the schemas of kubernetes-models, and by what they do not refuse: a field that they do not know.
 * Their compiled validators read every property that they know, and each entry of a map; what stays unread is unknown.
 */

import { Deployment } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { ConfigMap, Namespace, PersistentVolumeClaim, Service, ServiceAccount } from 'kubernetes-models/v1';

interface Model {
  validate(): void;
}

const MODEL: Readonly<Record<string, (data: never) => Model>> = {
  ConfigMap: (data) => new ConfigMap(data),
  Deployment: (data) => new Deployment(data),
  Namespace: (data) => new Namespace(data),
  NetworkPolicy: (data) => new NetworkPolicy(data),
  PersistentVolumeClaim: (data) => new PersistentVolumeClaim(data),
  Service: (data) => new Service(data),
  ServiceAccount: (data) => new ServiceAccount(data),
};

/** `value` with every read of a property recorded, by its path. */
function watched<T>(value: T, path: string, read: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const one: unknown = Reflect.get(target, key);
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return one;
      read.add(`${path}.${key}`);
      return watched(one, `${path}.${key}`, read);
    },
  });
}

function paths(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [`${path}.${key}`, ...paths(one, `${path}.${key}`)]);
}

/** What is wrong with `object`: the schema's errors, and fields that the schema does not know. */
export function schemaProblems(object: { readonly kind: string }): readonly string[] {
  const make = MODEL[object.kind];
  if (make === undefined) return [`no model of ${object.kind}`];
  const read = new Set<string>();
  // A model copies what it is given, all of it; so it is watched once it has been made.
  const model = make(object as never);
  for (const [key, value] of Object.entries(model)) Reflect.set(model, key, watched(value, `.${key}`, read));
  try {
    model.validate();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const known = ['apiVersion', 'kind', 'metadata', 'spec', 'data', 'automountServiceAccountToken', 'imagePullSecrets'];
  const unread = Object.entries(object).flatMap(([key, value]) =>
    known.includes(key) ? paths(value, `.${key}`) : [`.${key}`],
  );
  return unread.filter((path) => !read.has(path)).map((path) => `the schema knows no ${path}`);
}
