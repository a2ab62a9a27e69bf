import './monaco.ts';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { StrictMode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { type ExplorerConfig, readConfig } from './config.ts';
import { Credential } from './credential.ts';
import { Events } from './events.tsx';
import { ExplainButton, Explained, Explanation } from './explain.tsx';
import { Operations } from './fetcher.ts';
import { useObservable } from './observable.ts';
import { SignInBar } from './sign-in.tsx';
import { openStorage } from './storage.ts';
import { Streams } from './streams.ts';

interface State {
  readonly config: ExplorerConfig;
  readonly credential: Credential;
  readonly streams: Streams;
  readonly operations: Operations;
  readonly explained: Explained;
  readonly storage: ReturnType<typeof openStorage>;
}

function Explorer({ config, credential, streams, operations, explained, storage }: State) {
  const hasEvents = useObservable(streams).shown !== undefined;
  return (
    <>
      <SignInBar credential={credential} users={config.users} />
      <GraphiQL
        fetcher={operations.fetcher}
        storage={storage}
        defaultTabs={[...config.tabs]}
        // A token in the header editor must not be stored.
        shouldPersistHeaders={false}
        showPersistHeadersSettings={false}
        defaultEditorToolsVisibility="variables"
        className={hasEvents ? 'has-events' : ''}
        onTabChange={({ tabs, activeTabIndex }) => {
          const ids = tabs.map(({ id }) => id);
          streams.tabsChanged(ids[activeTabIndex] ?? '', ids);
        }}
      >
        <GraphiQL.Logo>
          <span className="name">GraphQL explorer</span>
        </GraphiQL.Logo>
        <GraphiQL.Toolbar>
          {({ prettify, merge, copy }) => (
            <>
              {prettify}
              {merge}
              {copy}
              <ExplainButton operations={operations} explained={explained} />
            </>
          )}
        </GraphiQL.Toolbar>
        <GraphiQL.Footer>
          <Explanation explained={explained} />
          <Events streams={streams} />
        </GraphiQL.Footer>
        <TabWatch streams={streams} explained={explained} />
      </GraphiQL>
    </>
  );
}

/** Attaches a tab to its running subscription when the tab is opened, so that the button stops it. */
function TabWatch({ streams, explained }: Pick<State, 'streams' | 'explained'>): null {
  const tabs = useGraphiQL((state) => state.tabs);
  const active = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id ?? '');
  const document = useGraphiQL((state) => state.documentAST);
  const editor = useGraphiQL((state) => state.queryEditor);
  const isAttached = useGraphiQL((state) => state.subscription !== null);
  const { run } = useGraphiQLActions();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tabs change with each key stroke; only another open tab matters.
  useEffect(() => {
    streams.tabsChanged(
      active,
      tabs.map(({ id }) => id),
    );
    explained.show(undefined);
  }, [active, streams, explained]);
  useEffect(() => {
    // GraphiQL parses the document of an opened tab a moment later. Until then it would run the operation of the previous tab.
    const isParsed = document?.loc?.source.body === editor?.getValue();
    if (isParsed && !isAttached && streams.isRunning(active)) run();
  }, [active, document, editor, isAttached, streams, run]);
  return null;
}

const config = readConfig();
const credential = new Credential(config.endpoint, config.users[0]?.token ?? '');
const streams = new Streams();
const state: State = {
  config,
  credential,
  streams,
  operations: new Operations(config.endpoint, credential, streams),
  explained: new Explained(),
  storage: openStorage(config),
};
const root = document.getElementById('explorer');
if (root === null) throw new Error('The page has no place for the explorer.');
createRoot(root).render(
  <StrictMode>
    <Explorer {...state} />
  </StrictMode>,
);
