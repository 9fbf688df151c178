package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
)

// shrink makes the pictures in dir small: a page has few colours, so that a
// palette of 64 is enough to judge it by.
func shrink(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		return err
	}
	total := 0
	for _, file := range files {
		n, err := shrinkFile(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		total += n
	}
	fmt.Printf("%d pictures, %d KiB\n", len(files), total>>10)
	return nil
}

func shrinkFile(file string) (int, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return 0, err
	}
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&out, paletted(img)); err != nil {
		return 0, err
	}
	return out.Len(), os.WriteFile(file, out.Bytes(), 0o644)
}

// coarse keeps the upper bits of a colour, so that the shades of letters' edges
// become few; pure white and black stay what they are.
func coarse(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	step := func(v uint32) uint8 { return uint8((v>>8 + 8) / 17 * 17) }
	return color.RGBA{step(r), step(g), step(b), 255}
}

// paletted gives img a palette of the colours that it has, coarsened. Where there
// are more than 256, the later ones become their nearest.
func paletted(img image.Image) *image.Paletted {
	out := image.NewPaletted(img.Bounds(), nil)
	index := map[color.RGBA]uint8{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			c := coarse(img.At(x, y))
			i, ok := index[c]
			if !ok && len(out.Palette) < 256 {
				i = uint8(len(out.Palette))
				out.Palette, index[c] = append(out.Palette, c), i
			} else if !ok {
				i = uint8(out.Palette.Index(c))
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}
