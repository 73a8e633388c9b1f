/** Where the focus goes after a change of page: to the new page's heading, so that a screen reader reads from there. */
import { useEffect, useRef } from 'react';

let first = true;

/** For the heading. The page that was opened first keeps the browser's own beginning. */
export function useHeadingFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What takes the focus by itself, such as the PIN, keeps it.
    const taken = document.activeElement?.closest('main form');
    if (!first && !taken) heading.current?.focus();
    first = false;
  }, []);
  return heading;
}
