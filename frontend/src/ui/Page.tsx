/** A page other than the panel: its title, which takes the focus on arrival, and what can be done on the page as a whole. */
import { useEffect, type ReactNode } from 'react';
import { text } from '../text';
import { useHeadingFocus } from './useHeadingFocus';
import './controls.css';
import './page.css';
import { Toasts } from './toasts';

interface PageProps {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, actions, children }: PageProps) {
  const heading = useHeadingFocus();
  useEffect(() => {
    document.title = `${title} – ${text.title}`;
  }, [title]);
  return (
    <div className="page">
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {children}
      <Toasts />
    </div>
  );
}
