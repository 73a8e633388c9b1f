/** Text with a copy button. The text is selectable, because browsers give no clipboard access over plain HTTP. */
import { Check, Copy } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { t } from '../text';

interface CopyFieldProps {
  label: string;
  copyLabel: string;
  value: string;
  /** Shows it in groups of so many characters, which are easier to type. What is copied has no spaces. */
  inGroupsOf?: number;
}

export function CopyField({ label, copyLabel, value, inGroupsOf }: CopyFieldProps) {
  const id = useId();
  const box = useRef<HTMLPreElement>(null);
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    if (box.current) window.getSelection()?.selectAllChildren(box.current);
    // The clipboard exists on HTTPS and localhost only.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- copying the selection works without HTTPS
    setCopied(clipboard ? await clipboard.writeText(value).then(yes, no) : document.execCommand('copy'));
  };

  return (
    <div className="copy">
      <span id={id} className="copy-label">
        {label}
      </span>
      <pre ref={box} tabIndex={0} role="group" aria-labelledby={id}>
        {inGroupsOf ? <Groups value={value} size={inGroupsOf} /> : value}
      </pre>
      <Button className="button" data-size="small" aria-label={copyLabel} onPress={() => void copy()}>
        {copied ? <Check /> : <Copy />}
        {copied ? t('actions.copied') : t('actions.copy')}
      </Button>
      <span role="status" className="visually-hidden">
        {copied && t('actions.copied')}
      </span>
    </div>
  );
}

const yes = () => true;
const no = () => false;

const Groups = ({ value, size }: { value: string; size: number }) =>
  Array.from({ length: Math.ceil(value.length / size) }, (_, index) => (
    <span key={index} className="copy-group">
      {value.slice(index * size, (index + 1) * size)}
    </span>
  ));
