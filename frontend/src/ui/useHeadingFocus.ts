/** Moves the focus to the heading after navigation, so that a screen reader continues there. */
import { useEffect, useRef } from 'react';

let first = true;

/** The ref of the heading. The page that was loaded first keeps the browser's initial focus. */
export function useHeadingFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A form field with `autoFocus`, such as the PIN, keeps the focus.
    const taken = document.activeElement?.closest('main form');
    if (!first && !taken) heading.current?.focus();
    first = false;
  }, []);
  return heading;
}
