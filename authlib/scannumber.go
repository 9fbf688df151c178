package authlib

// partOfNumber are the bytes that may follow the first digits. Read only.
var partOfNumber = [256]bool{'.': true, 'e': true, 'E': true}

// number reads a number (RFC 8259 §6) and keeps its digits as they are.
func (s *scanner) number(i int) (int, error) {
	if s.at(i) == '-' {
		i++
	}
	end := i + 1
	if s.at(i) != '0' {
		end = digits(s.buf, i)
	}
	if end == i {
		return s.fail(i, "broken number")
	}
	if partOfNumber[s.at(end)] {
		return s.fraction(end)
	}
	return end, nil
}

// fraction reads the fraction and the exponent of a number.
func (s *scanner) fraction(i int) (int, error) {
	if s.at(i) == '.' {
		end := digits(s.buf, i+1)
		if end == i+1 {
			return s.fail(end, "broken number")
		}
		i = end
	}
	if s.at(i)|0x20 != 'e' {
		return i, nil
	}
	if i++; s.at(i) == '+' || s.at(i) == '-' {
		i++
	}
	end := digits(s.buf, i)
	if end == i {
		return s.fail(i, "broken number")
	}
	return end, nil
}

// digits returns where the digits end that begin at i.
func digits(buf []byte, i int) int {
	for i < len(buf) && buf[i]-'0' <= 9 {
		i++
	}
	return i
}
