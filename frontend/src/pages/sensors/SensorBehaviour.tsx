/** The fields that a sensor's type has: modes, entry delay, final door, chime. */
import { Check } from 'lucide-react';
import { CheckboxButton, CheckboxField, CheckboxGroup, Label } from 'react-aria-components';
import { armModes } from '../../api/alarm';
import type { Sensor, Type } from '../../api/sensors';
import { t } from '../../text';
import { Field, Toggle } from '../../ui/fields';

interface SensorBehaviourProps {
  type: Type;
  /** The sensor, while it has this kind and type; otherwise the type's defaults are shown. */
  former: Sensor | undefined;
}

export const SensorBehaviour = ({ type, former }: SensorBehaviourProps) => (
  <>
    {type.has_modes && (
      <CheckboxGroup className="field" name="modes" defaultValue={former?.modes ?? type.modes}>
        <Label>{t('sensors.modes')}</Label>
        <div className="checks">
          {armModes.map((mode) => (
            <CheckboxField key={mode} value={mode}>
              <CheckboxButton className="check">
                <span className="check-box">
                  <Check />
                </span>
                {t(`alarm.modes.${mode}`)}
              </CheckboxButton>
            </CheckboxField>
          ))}
        </div>
      </CheckboxGroup>
    )}
    {type.has_entry_delay && (
      <Field
        name="entry_delay"
        type="number"
        inputMode="numeric"
        label={t('sensors.ownDelay')}
        hint={t('sensors.ownDelayHint')}
        unit={t('settings.timing.seconds')}
        min={0}
        max={3600}
        defaultValue={former?.entry_delay?.toString() ?? ''}
      />
    )}
    {type.has_final_door && (
      <Toggle
        name="final_door"
        label={t('sensors.finalDoor')}
        hint={t('sensors.finalDoorHint')}
        defaultSelected={former?.final_door ?? false}
      />
    )}
    {type.has_chime && (
      <Toggle
        name="chime"
        label={t('sensors.chime')}
        hint={t('sensors.chimeHint')}
        defaultSelected={former?.chime ?? type.chime}
      />
    )}
  </>
);
