// Compares two versions of the protocol, as written by `codex app-server generate-json-schema`, in the terms of the protocol.
// usage: node scripts/protocol-changes.mjs FOLDER_BEFORE FOLDER_AFTER
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const unions = {
  ClientRequest: 'Methods',
  ServerNotification: 'Notifications',
  ServerRequest: 'Server requests',
  ClientNotification: 'Client notifications',
};

/** The protocol in a folder: the methods of each kind, and the types, by name. */
export function readProtocol(folder) {
  const file = join(folder, 'codex_app_server_protocol.schemas.json');
  const { v2, ...v1 } = JSON.parse(readFileSync(file, 'utf8')).definitions;
  const all = Object.entries({ ...v1, ...v2 });
  const kinds = all
    .filter(([name]) => name in unions)
    .map(([name, union]) => [unions[name], methodsIn(union)]);
  const types = Object.fromEntries(all.filter(([name]) => !(name in unions)));
  return { types, ...Object.fromEntries(kinds) };
}

/** The differences of two protocols: `+` new, `-` gone, `~` another type, `"` another description. */
export function protocolChanges(before, after) {
  const methods = Object.values(unions).flatMap((kind) =>
    difference(before[kind], after[kind]).map((change) => ({ kind, ...change })),
  );
  const names = [...new Set([...Object.keys(before.types), ...Object.keys(after.types)])].sort();
  const fields = names.flatMap((name) => {
    const [old, now] = [before, after].map(({ types }) => types[name]);
    if (old === undefined) {
      const parts = [...factsOf('', now)].map(([fact, { type }]) => part(fact, type));
      return [{ kind: 'Types', sign: '+', name, type: parts.join(', '), words: wordsOf(now) }];
    }
    if (now === undefined) return [{ kind: 'Types', sign: '-', name, type: '', words: '' }];
    return difference(factsOf(name, old), factsOf(name, now)).map((change) => ({
      kind: change.sign === '"' ? 'Words' : 'Fields',
      ...change,
    }));
  });
  return [...methods, ...fields];
}

/** The changes as readable text, with a heading for each kind. */
export function described(changes) {
  const kinds = [...Object.values(unions), 'Fields', 'Types', 'Words'];
  const parts = kinds.flatMap((kind) => {
    const lines = changes.filter((change) => change.kind === kind).map(line);
    return lines.length === 0 ? [] : [`${kind}\n${lines.join('\n')}`];
  });
  return parts.length === 0 ? 'The protocol is the same.' : parts.join('\n\n');
}

/** The names of one kind of change, as in a sentence. */
export function namesOf(changes, kind, sign) {
  return changes
    .filter((change) => change.kind === kind && change.sign === sign)
    .map(({ name }) => `\`${name}\``)
    .join(', ');
}

function line({ sign, name, type, words }) {
  const said = words === '' ? '' : `\n      ${words}`;
  return `  ${sign} ${part(name, type)}${said}`;
}

function part(name, type) {
  if (type === '') return name;
  return type.startsWith('?: ') || type.startsWith(': ') ? `${name}${type}` : `${name} ${type}`;
}

function difference(before = new Map(), after = new Map()) {
  const gone = [...before.keys()].filter((name) => !after.has(name));
  return [
    ...gone.map((name) => ({ sign: '-', name, type: '', words: '' })),
    ...[...after].flatMap(([name, { type, words }]) => {
      const old = before.get(name);
      if (old === undefined) return [{ sign: '+', name, type, words }];
      if (old.type !== type)
        return [
          { sign: '~', name, type: `${type}   (was ${old.type.replace(/^: /, '')})`, words: '' },
        ];
      return old.words === words ? [] : [{ sign: '"', name, type: '', words }];
    }),
  ];
}

function methodsIn({ oneOf }) {
  return new Map(
    oneOf.map((variant) => {
      const { method, params } = variant.properties;
      const type = params === undefined ? '' : `(${typeOf(params)})`;
      return [method.enum[0], { type, words: wordsOf(variant) }];
    }),
  );
}

/** Fields, enumeration values and union variants, by their path. */
function factsOf(path, schema) {
  const facts = new Map();
  const add = (name, type, said) => facts.set(name, { type, words: wordsOf(said) });
  const fields = ({ properties = {}, required = [] }, at, tag) => {
    for (const [name, field] of Object.entries(properties))
      if (name !== tag)
        add(
          `${at}${at === '' ? '' : '.'}${name}`,
          `${required.includes(name) ? '' : '?'}: ${typeOf(field)}`,
          field,
        );
  };
  if (path !== '') add(path, '', schema);
  for (const form of schema.oneOf ?? schema.anyOf ?? [schema]) {
    const [tag, value] = tagOf(form);
    if (form.enum !== undefined)
      for (const word of form.enum) add(`${path} ${JSON.stringify(word)}`.trim(), '', form);
    else if (form.properties === undefined) add(`${path} ${typeOf(form)}`.trim(), '', form);
    else if (tag !== undefined) {
      add(`${path}[${value}]`, '', form);
      fields(form, `${path}[${value}]`, tag);
    } else fields(form, path);
  }
  if (schema.oneOf !== undefined || schema.anyOf !== undefined) fields(schema, path);
  return facts;
}

/** The discriminator of a union variant: a field with a single value. */
function tagOf({ properties = {}, required = [] }) {
  const tagged = Object.entries(properties).find(
    ([name, field]) => required.includes(name) && field.enum?.length === 1,
  );
  return tagged === undefined ? [] : [tagged[0], tagged[1].enum[0]];
}

function typeOf(schema) {
  if (typeof schema !== 'object') return 'anything';
  const { $ref, type, items, properties, required = [], additionalProperties } = schema;
  if ($ref !== undefined) return $ref.split('/').at(-1);
  const forms = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (forms !== undefined) return forms.map(typeOf).join(' | ');
  const words = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (words !== undefined) return words.map((word) => JSON.stringify(word)).join(' | ');
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one })).join(' | ');
  if (type === 'array') return `${typeOf(items ?? true)}[]`;
  if (properties !== undefined) {
    const fields = Object.entries(properties).map(
      ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(field)}`,
    );
    return `{ ${fields.join(', ')} }`;
  }
  if (typeof additionalProperties === 'object') return `{ [key]: ${typeOf(additionalProperties)} }`;
  return type ?? 'anything';
}

function wordsOf({ description = '' }) {
  return description.replace(/\s+/g, ' ').trim();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [before, after] = process.argv.slice(2);
  console.log(described(protocolChanges(readProtocol(before), readProtocol(after))));
}
