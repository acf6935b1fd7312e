/** Connects the page to the live stream and tells its parts how the connection is. */
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { session } from '../http/session';
import type { LiveMessage, LiveState } from './live-client';
import { LiveClient } from './live-client';
import { PushedLately, RESOURCES, refreshAfter } from './snapshots';

type Listener = (message: LiveMessage) => void;

interface Live {
  client: LiveClient;
  listen: (listener: Listener) => () => void;
}

const LiveContext = createContext<Live | null>(null);

/** Bursts (300 images of a study) must not ask for the lists 300 times. */
const REFRESH_AFTER_MS = 700;

/** `position` is where the page begins, as it was told before it asked for anything else. */
export function LiveProvider({ position, children }: { position: string; children: ReactNode }) {
  const queries = useQueryClient();
  const [live] = useState<Live>(() => {
    const listeners = new Set<Listener>();
    const pushed = new PushedLately(queries);
    const due = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      refreshAfter(queries, due);
      due.clear();
    };
    const client = new LiveClient({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/radiology/live`,
      position,
      onMessage: (message) => {
        pushed.apply(message.type, message.data);
        const resource = RESOURCES[message.type];
        if (resource) {
          due.add(resource);
          timer ??= setTimeout(refresh, REFRESH_AFTER_MS);
        }
        listeners.forEach((listener) => listener(message));
      },
      onGap: () => void queries.invalidateQueries(),
      signedInAgain: () => session.renewed(),
    });
    const listen = (listener: Listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
    return { client, listen };
  });

  useEffect(() => {
    const hurry = () => live.client.hurry();
    live.client.start();
    window.addEventListener('online', hurry);
    return () => {
      window.removeEventListener('online', hurry);
      live.client.stop();
    };
  }, [live]);

  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('LiveProvider is missing');
  return live;
}

export function useLiveState(): LiveState {
  const { client } = useLive();
  return useSyncExternalStore(client.subscribe, client.getState);
}

/** Hear of each pushed message while the component is on the page. */
export function useLiveMessages(listener: Listener): void {
  const { listen } = useLive();
  useEffect(() => listen(listener), [listen, listener]);
}
