import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, SETTINGS } from '../../src/config.ts';

describe('configuration', () => {
  it('works with an empty environment', () => {
    expect(loadConfig({})).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      simulatorPort: 4001,
      waldurApiUrl: undefined,
    });
  });

  it('treats empty and blank as unset', () => {
    expect(loadConfig({ PORT: '', HOST: '  ' })).toEqual(loadConfig({}));
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '1e3'],
    ['PORT', '80.5'],
    ['WALDUR_API_URL', 'waldur.example.org'],
    ['WALDUR_API_URL', 'ftp://waldur.example.org'],
    ['WALDUR_API_URL', 'https://user:secret@waldur.example.org'],
    ['ALLOWED_ORIGINS', '*'],
    ['HOST', '10.0.0.0/8'],
    ['LOG_LEVEL', 'loud'],
    ['INTROSPECTION', 'maybe'],
  ])('%s=%s is one line that names the variable', (variable, value) => {
    const load = () => loadConfig({ [variable]: value });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(new RegExp(`^${variable} must be [^\n]+\\.$`));
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });

  it('reads every kind of setting', () => {
    const config = loadConfig({
      ALLOWED_ORIGINS: 'https://a.example, https://b.example,',
      IMPERSONATION: 'TRUE',
      LOG_LEVEL: 'debug',
      WALDUR_API_URL: 'https://waldur.example.org/api/',
    });
    expect(config).toMatchObject({
      allowedOrigins: ['https://a.example', 'https://b.example'],
      impersonation: true,
      logLevel: 'debug',
      waldurApiUrl: 'https://waldur.example.org/api/',
    });
  });

  it('each variable is listed once', () => {
    const variables = Object.values(SETTINGS).map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(variables.length);
  });
});
