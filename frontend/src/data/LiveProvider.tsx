/** Keeps the tab's one socket open while it is rendered. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { LiveConnection, type LiveStatus } from '../live/connection';
import { keys } from './keys';
import { applyChange, applySnapshot } from './liveUpdates';
import { LiveStatusContext } from './liveStatus';

export function LiveProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>('connecting');
  useEffect(() => {
    const url = new URL('/ws/alarm/', window.location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const connection = new LiveConnection(url.href, {
      onSnapshot: (snapshot) => applySnapshot(cache, snapshot),
      onChange: (change) => applyChange(cache, change),
      onStatus: setStatus,
      onSessionEnd: () => void cache.invalidateQueries({ queryKey: keys.session }),
    });
    connection.start();
    return () => connection.stop();
  }, [cache]);
  return <LiveStatusContext value={status}>{children}</LiveStatusContext>;
}
