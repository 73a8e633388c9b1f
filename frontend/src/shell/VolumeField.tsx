import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components';

interface VolumeFieldProps {
  label: string;
  /** 0 to 1. */
  value: number;
  isDisabled: boolean;
  onChange: (volume: number) => void;
}

export const VolumeField = ({ label, value, isDisabled, onChange }: VolumeFieldProps) => (
  <Slider
    className="volume"
    value={value}
    minValue={0}
    maxValue={1}
    step={0.05}
    formatOptions={{ style: 'percent' }}
    isDisabled={isDisabled}
    onChange={onChange}
  >
    <Label>{label}</Label>
    <SliderOutput className="volume-value" />
    <SliderTrack className="volume-track">
      <SliderThumb className="volume-thumb" />
    </SliderTrack>
  </Slider>
);
