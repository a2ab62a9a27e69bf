import { type FormEvent, useState } from 'react';
import type { DemoUser } from './config.ts';
import type { Credential, SignIn } from './credential.ts';
import { useObservable } from './observable.ts';

const OTHER = '';

/** The bar above the editor: who you are, for all tabs. */
export function SignInBar({ credential, users }: { credential: Credential; users: readonly DemoUser[] }) {
  const { signIn, token } = useObservable(credential);
  const known = users.find((user) => user.token === token);
  const [typing, setTyping] = useState(false);
  return (
    <header className="sign-in">
      <h1>Waldur snapshots</h1>
      {users.length > 0 && (
        <label>
          User{' '}
          <select
            value={typing ? OTHER : (known?.token ?? OTHER)}
            onChange={({ target: { value } }) => {
              setTyping(value === OTHER);
              if (value !== OTHER) credential.set(value);
            }}
          >
            {users.map((user) => (
              <option key={user.token} value={user.token}>
                {user.username === user.role ? user.username : `${user.username} (${user.role})`}
              </option>
            ))}
            <option value={OTHER}>another token ...</option>
          </select>
        </label>
      )}
      {(typing || known === undefined) && <TokenForm credential={credential} done={() => setTyping(false)} />}
      <output className={signIn.kind}>{describe(signIn, users.length > 0)}</output>
    </header>
  );
}

function TokenForm({ credential, done }: { credential: Credential; done: () => void }) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    credential.set(text);
    setText('');
    done();
  };
  return (
    <form onSubmit={submit}>
      <label>
        API token{' '}
        <input
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder={credential.token === '' ? 'paste your token' : 'paste another token'}
          value={text}
          onChange={({ target: { value } }) => setText(value)}
        />
      </label>
      <button type="submit">Sign in</button>
    </form>
  );
}

/** What is known about the credential, and what to do when it does not work. */
export function describe(signIn: SignIn, isEmbedded: boolean): string {
  switch (signIn.kind) {
    case 'none':
      return isEmbedded
        ? 'Choose a demo user.'
        : 'Paste your Waldur API token to run operations. Waldur shows it in your user profile.';
    case 'checking':
      return 'Checking the token ...';
    case 'accepted':
      return `Signed in as ${signIn.username}.`;
    case 'rejected':
      return isEmbedded
        ? 'Waldur does not accept this token. Choose a demo user, or paste another token.'
        : 'Waldur does not accept this token. It may have expired: copy the present one from your user profile in Waldur, and paste it here.';
    case 'unknown':
      return `The token could not be checked: ${signIn.message}`;
  }
}
