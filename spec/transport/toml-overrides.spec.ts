import { expect } from 'chai';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import { configOverrides, type ConfigValue } from '../../lib/transport/toml-overrides.js';
import { ValidationError } from '../../lib/errors.js';
import { realPlan, temporaryHome } from './real-launch.js';

describe('configOverrides', () => {
  it('flattens tables into dotted paths', () => {
    const overrides = configOverrides({
      a: { b: { c: 'x', d: [1, 'two', true] } },
      e: false,
      'f.g': 1,
    });

    expect(overrides).to.deep.equal(['a.b.c="x"', 'a.b.d=[1,"two",true]', 'e=false', 'f.g=1']);
  });

  it('writes the nearest safe ancestor of a key that needs quoting as an inline table', () => {
    const overrides = configOverrides({
      projects: { '/abs/dir.x': { trust_level: 'untrusted' }, plain: { trust_level: 'trusted' } },
      a: { b: { 'c.d': { e: 1 } }, f: 2 },
    });

    expect(overrides).to.deep.equal([
      'projects={"/abs/dir.x"={trust_level="untrusted"},plain={trust_level="trusted"}}',
      'a.b={"c.d"={e=1}}',
      'a.f=2',
    ]);
  });

  it('escapes characters that TOML does not accept raw', () => {
    expect(configOverrides({ a: 'q"b\\n\nt\tdel\u007F é😀' })).to.deep.equal([
      'a="q\\"b\\\\n\\nt\\tdel\\u007F é😀"',
    ]);
  });

  it('omits undefined values and keeps empty tables and lists', () => {
    expect(configOverrides({ a: undefined, b: {}, c: [], d: { e: undefined } })).to.deep.equal([
      'b={}',
      'c=[]',
      'd={}',
    ]);
  });

  it('writes integers beyond the safe range from bigints', () => {
    expect(configOverrides({ a: 9_223_372_036_854_775_807n, b: -0.5, c: 1e21 })).to.deep.equal([
      'a=9223372036854775807',
      'b=-0.5',
      'c=1e+21',
    ]);
  });

  it('refuses all values that TOML cannot represent, at once', () => {
    const config = {
      a: null,
      b: { c: [Number.NaN] },
      d: '\uD800',
      'e f': 1,
      g: new Date(0),
    } as unknown as Record<string, ConfigValue>;

    expect(() => configOverrides(config))
      .to.throw(ValidationError)
      .with.property('problems')
      .that.deep.equals([
        { path: 'a', reason: 'TOML cannot represent null' },
        { path: 'b.c[0]', reason: 'TOML cannot represent NaN' },
        { path: 'd', reason: 'TOML cannot represent a string with an unpaired surrogate' },
        {
          path: '"e f"',
          reason:
            'a top-level key may only contain letters, digits, _ and -, or be a dotted path of such keys',
        },
        { path: 'g', reason: 'TOML cannot represent a Date' },
      ]);
  });

  it('is read back unchanged by the real binary', async function () {
    this.timeout(20_000);
    using home = temporaryHome();
    const overrides = configOverrides({
      model: 'quo"ted \\ mod\nel',
      model_providers: { 'odd key.x': { name: 'odd', base_url: 'http://127.0.0.1:9/v1' } },
      tools: { web_search: { allowed_domains: ['a.example', 'b.example'] } },
    });

    await using session = await AppServerSession.open(
      realPlan(home.path, { configOverrides: overrides }),
    );
    const { config } = await session.request('config/read', { includeLayers: false });

    expect(config.model).to.equal('quo"ted \\ mod\nel');
    expect(config).to.have.nested.property('tools.web_search.allowed_domains[1]', 'b.example');
  });
});
