/*
 * lib_unicode.c -- what characters are: case, letters, accents.
 *
 * Case and classes come from the C library's table of the locale C.UTF-8, reached through a locale object of our own:
 * the process's locale stays untouched. One character always maps to one character.
 */
#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wctype.h>

#include "lib.h"

static locale_t utf8_locale; /* (locale_t)0 when the system has none: then only ASCII has case */

static void make_locale(void) { utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }

static locale_t locale(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_locale);
    return utf8_locale;
}

uint32_t unicode_upper(uint32_t point) {
    if (point < 0x80 || !locale()) return point >= 'a' && point <= 'z' ? point - 32 : point;
    return towupper_l(point, locale());
}

uint32_t unicode_lower(uint32_t point) {
    if (point < 0x80 || !locale()) return point >= 'A' && point <= 'Z' ? point + 32 : point;
    return towlower_l(point, locale());
}

bool unicode_is_letter(uint32_t point) {
    if (point < 0x80) return (point | 32) >= 'a' && (point | 32) <= 'z';
    return locale() && iswalpha_l(point, locale());
}

bool unicode_is_digit(uint32_t point) { return point >= '0' && point <= '9'; }

bool unicode_is_printable(uint32_t point) {
    if (point < 0x80) return point >= ' ' && point < 0x7f;
    return locale() && iswprint_l(point, locale()) && !iswspace_l(point, locale());
}

void unicode_append(Text *text, uint32_t point) {
    char bytes[4];
    text_append(text, bytes, (size_t)utf8_encode(point, bytes));
}

/* Every letter that Unicode takes apart into an ASCII letter and accents, behind that letter. */
static const char *const accented[] = {
    "aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ",
    "bḃḅḇ",
    "cçćĉċčḉ",
    "dďḋḍḏḑḓ",
    "eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ",
    "fḟ",
    "gĝğġģǧǵḡ",
    "hĥȟḣḥḧḩḫẖ",
    "iìíîïĩīĭįǐȉȋḭḯỉị",
    "jĵǰ",
    "kķǩḱḳḵ",
    "lĺļľḷḹḻḽ",
    "mḿṁṃ",
    "nñńņňǹṅṇṉṋ",
    "oòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ",
    "pṕṗ",
    "rŕŗřȑȓṙṛṝṟ",
    "sśŝşšșṡṣṥṧṩ",
    "tţťțṫṭṯṱẗ",
    "uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự",
    "vṽṿ",
    "wŵẁẃẅẇẉẘ",
    "xẋẍ",
    "yýÿŷȳẏẙỳỵỷỹ",
    "zźżžẑẓẕ",
};

#define FIRST_ACCENTED 0xC0
#define LAST_ACCENTED 0x1EFF
#define FIRST_LONE_ACCENT 0x300
#define LAST_LONE_ACCENT 0x36F

uint32_t unicode_without_accent(uint32_t point) {
    if (point >= FIRST_LONE_ACCENT && point <= LAST_LONE_ACCENT) return 0;
    if (point < FIRST_ACCENTED || point > LAST_ACCENTED) return point;
    uint32_t lower = unicode_lower(point);
    char bytes[5] = {0};
    utf8_encode(lower, bytes);
    for (size_t i = 0; i < sizeof accented / sizeof *accented; i++) {
        if (!strstr(accented[i], bytes)) continue;
        uint32_t base = (uint32_t)accented[i][0];
        return lower == point ? base : unicode_upper(base);
    }
    return point;
}

size_t lib_whole_characters(const char *bytes, size_t length) {
    size_t start = length;
    for (int back = 0; back < 3 && start > 0; back++) {
        unsigned char byte = (unsigned char)bytes[--start];
        if (byte < 0x80) break;
        if (byte < 0xc0) continue;
        size_t needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        return start > 0 && start + needed > length ? start : length;
    }
    return length;
}
