import { useRef } from 'preact/hooks';
import { signIn } from '../state/session.ts';
import { changeUser } from './header.tsx';

export function SignIn({ isEmbedded }: { readonly isEmbedded: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const state = signIn.value;
  const isRejected = state.kind === 'rejected';
  return (
    <main class="sign-in">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          const { value = '' } = input.current ?? {};
          if (value.trim() !== '') changeUser(value);
        }}
      >
        <h1>{isRejected ? 'Waldur does not accept this token' : 'Sign in'}</h1>
        {isRejected && (
          <p class="notice bad" role="alert">
            Waldur says: {state.message} The token is wrong, has expired, or was revoked. Get a new one in Waldur and
            enter it here.
          </p>
        )}
        <p>
          The page acts for you, with your API token of Waldur. It stays in this browser tab, and only Waldur gets it,
          through this gateway.
        </p>
        {isEmbedded && <p>This gateway has an embedded Waldur: choose one of its users at the top of the page.</p>}
        <label class="labelled">
          API token
          <input
            ref={input}
            class="field"
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
            aria-invalid={isRejected}
          />
        </label>
        <button type="submit" class="button primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
