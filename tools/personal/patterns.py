"""What personal data of a form of its own looks like in Chinese and English text: one table of patterns."""

from __future__ import annotations

from tools.personal import numbers as numbers
from tools.personal.shapes import (
    Shape,
    has_a_digit,
    has_digits,
    is_card,
    is_common,
    is_international,
    is_ip,
    is_local,
    is_mobile,
    is_national,
    is_old_id,
    is_secret,
    not_named_otherwise,
    only,
)

SEP = r"[ -]{0,2}"
D = "[0-9]"
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
DATE = (
    r"(?:(?:19|20)[0-9]{2} ?(?:[-/.年] ?)[01]?[0-9] ?(?:[-/.月] ?)[0-3]?[0-9](?: ?日| ?号)?|"
    r"[0-3]?[0-9][-/. ][0-3]?[0-9][-/. ](?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9]|"
    rf"(?i:{MONTH} [0-3]?[0-9](?:st|nd|rd|th)?,? (?:19|20)[0-9]{{2}}|"
    rf"[0-3]?[0-9](?:st|nd|rd|th)? (?:of )?{MONTH},? (?:19|20)[0-9]{{2}}))"
)
IS = (
    r"(?:\s{0,2}(?:号码|号|number|no\.?|num|id|code|is|was|of|are|为|是|在|于|都是|=|:|#|-|\(|\)|,|\"|'|“|”)){0,4}"
    r"\s{0,2}"
)
PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
HANDLE = r"[A-Za-z][A-Za-z0-9_-]{5,19}"
SITES = (
    r"(?:twitter|x|facebook|instagram|github|gitlab|weibo|t|medium|vk)\.(?:com|me|cn|io)/(?:u/|@)?|"
    r"linkedin\.com/in/|zhihu\.com/people/|tiktok\.com/@|youtube\.com/@|reddit\.com/u(?:ser)?/|"
    r"space\.bilibili\.com/|douyin\.com/user/|jianshu\.com/u/|medium\.com/@"
)
ALONE = r"(?<![0-9])(?<![0-9][-.])", r"(?![0-9])(?![-.][0-9])"

# What is longer and surer first: no part of a card is taken for a phone number.
SHAPES: tuple[Shape, ...] = (
    Shape("KEY", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", "", ""),
    Shape("URL", r"[a-z][a-z0-9+.-]{1,12}://[^\s/@:]{1,64}:[^\s/@]{1,64}@[^\s,，。；)）]+", r"(?<![A-Za-z])", ""),
    Shape(
        "EMAIL",
        r"[A-Za-zÀ-ÿ0-9_.+%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}",
        r"(?<![A-Za-z0-9.+%-])",
        "",
    ),
    Shape("URL", rf"(?i:https?://)?(?i:www\.|m\.)?(?i:{SITES})[\w.%-]{{3,64}}/?", r"(?<![A-Za-z0-9./])", r"(?![\w/])"),
    Shape("KEY", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{5,}"),
    Shape(
        "KEY",
        r"(?:(?:sk|pk|rk|ak|whsec)[-_][A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|"
        r"xox[abeprs]-[A-Za-z0-9-]{10,}|A[KS]IA[0-9A-Z]{16}|AIza[\w-]{35}|ya29\.[\w-]{20,}|glpat-[\w-]{20,}|"
        r"npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|LTAI[A-Za-z0-9]{12,}|"
        r"AKID[A-Za-z0-9]{13,}|pypi-[\w-]{30,}|dop_v1_[a-f0-9]{40,})",
    ),
    Shape(
        "KEY",
        r"(?i:api[_ -]?key|secret(?:[_ -]?key)?|access[_ -]?(?:key|token)|auth[_ -]?token|bearer|password|passwd|"
        r"pass ?phrase|pwd|token|密码|密钥|口令)(?:[\"' ]{0,2}(?i:(?:is|was|为|是|设为|[:=])[\"' “]{0,3})|(?i: ))"
        r"([^\s,，。；;\"'”]{6,128})",
        r"(?<![A-Za-z0-9])",
        "",
        is_secret,
    ),
    Shape(
        "CRYPTO",
        r"(?:bc1[a-z0-9]{25,60}|0x[0-9a-fA-F]{40}|[13T][1-9A-HJ-NP-Za-km-z]{25,34})",
        test=only(numbers.bitcoin),
    ),
    Shape("MAC", r"[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})", r"(?<![\w:-])", r"(?![\w:-])"),
    Shape("IP", r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}", r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])(?!\.[0-9])", is_ip),
    Shape("IP", r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}", r"(?<![\w:.])", r"(?![\w:])", is_ip),
    Shape("IBAN", r"(?i:[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)", test=only(numbers.iban)),
    Shape("ID", rf"[1-8]{SEP}(?:{D}{SEP}){{16}}[0-9Xx]", test=only(numbers.chinese_id)),
    Shape(
        "COMPANY_ID",
        r"[0-9A-HJ-NPQRTUWXY]{2} ?[0-9]{6} ?[0-9A-HJ-NPQRTUWXY]{9} ?[0-9A-HJ-NPQRTUWXY]",
        test=only(numbers.uscc),
    ),
    Shape("CARD", rf"[2-69](?:{SEP}{D}){{12,18}}", *ALONE, is_card),
    Shape("ID", rf"[1-8]{D}{{5}}[ -]?{D}{{6}}[ -]?{D}{{3}}", test=is_old_id),
    # A typing error in a number does not make it nobody's: after a word for it the check digit is not asked for.
    Shape(
        "ID",
        rf"(?i:身份证(?:件)?|证件|id card|identity card){IS}([1-8]{D}{{16}}[0-9Xx]|[1-8]{D}{{14}})",
        "",
        test=only(numbers.chinese_id_shape),
    ),
    Shape(
        "CARD",
        rf"(?i:银行卡|信用卡|储蓄卡|借记卡|卡号|账号|账户|(?:credit|debit|bank) ?card|card|account){IS}"
        rf"({D}(?:{SEP}{D}){{12,18}})",
        "",
    ),
    Shape("SSN", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", r"(?<![0-9A-Za-z-])", r"(?![0-9A-Za-z-])", only(numbers.ssn)),
    Shape("SSN", rf"(?i:ssn|social security){IS}([0-9]{{3}}[ -]?[0-9]{{2}}[ -]?[0-9]{{4}})", "", r"(?![0-9])"),
    Shape("CVV", rf"(?i:cvv2?|cvc2?|security code|安全码){IS}([0-9]{{3,4}})", r"(?<![A-Za-z])", r"(?![0-9])"),
    Shape(
        "EXPIRY",
        rf"(?i:exp(?:ir(?:y|es|ation))?(?: date)?|valid (?:thru|until)|有效期(?:至|到)?){IS}"
        r"((?:0?[1-9]|1[0-2]) ?/ ?(?:20)?[0-9]{2})",
        r"(?<![A-Za-z])",
        r"(?![0-9/])",
    ),
    Shape(
        "BIRTH",
        rf"(?i:born(?: on| in)?|birth ?(?:day|date)|date of birth|\bdob|d\.o\.b\.?|"
        rf"生日|出生(?:日期|年月日?|于)?|生于){IS}({DATE})",
        "",
        r"(?![0-9])",
    ),
    Shape("BIRTH", rf"({DATE})(?: ?出生| ?生(?:的|人)|生日)", r"(?<![0-9])", ""),
    Shape(
        "AGE",
        r"(?i:aged?(?: of)?(?: is|:)? ?|年龄[:：是为 ]{0,2}|今年|现年)([1-9][0-9]?)",
        r"(?<![A-Za-z])",
        r"(?![0-9–—%-])",
    ),
    Shape("AGE", r"([1-9][0-9]?)(?: ?周?岁|[- ](?:years?|yrs?)[- ]olds?)", r"(?<![0-9–—.-])", ""),
    Shape(
        "LICENCE",
        rf"(?i:driv(?:er'?s?|ing)['’]?s? licen[cs]e|driver licen[cs]e|driver'?s? id|驾驶证|"
        rf"驾照|档案编号){IS}([A-Z0-9][A-Za-z0-9-]{{4,17}})",
        "",
        test=has_digits,
    ),
    Shape("PASSPORT", rf"(?i:passport|护照){IS}([A-Za-z]{{0,2}}[0-9]{{6,9}}|[A-Za-z][0-9A-Za-z][0-9]{{5,7}})", ""),
    Shape("PASSPORT", r"(?:[EGDSP][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|[HM][0-9]{10})", test=not_named_otherwise),
    Shape(
        "PLATE",
        rf"[{PROVINCE}][A-HJ-NP-Z][·•. -]?(?:[A-HJ-NP-Z0-9]{{5,6}}|[A-HJ-NP-Z0-9]{{4}}[挂学警港澳])",
        "",
        test=has_a_digit,
    ),
    Shape(
        "PLATE",
        rf"(?i:licen[cs]e plate|number plate|plate number|registration){IS}"
        rf"([A-Z0-9]{{1,4}}[ -]?[A-Z0-9]{{2,5}})",
        "",
        test=has_a_digit,
    ),
    Shape(
        "ACCOUNT",
        rf"(?i:微信|薇信|威信|weixin|wechat|vx|wx|[加＋+]\s?v|v信)(?:ID|账号|帐号)?{IS}({HANDLE}|1[3-9][0-9]{{9}})",
        r"(?<![A-Za-z])",
        r"(?![A-Za-z0-9_])",
        test=lambda value, found: any(c.isdigit() or c in "_-" for c in value) or not is_common(value),
    ),
    Shape("ACCOUNT", rf"(?i:qq|扣扣|企鹅)(?:群|账号|帐号)?{IS}([1-9][0-9]{{4,10}})", r"(?<![A-Za-z])", r"(?![0-9@])"),
    Shape(
        "PHONE",
        rf"(?:(?:\+ ?|00)?\(?86\)?{SEP})?1{SEP}[3-9](?:{SEP}{D}){{9}}",
        r"(?<![0-9+])(?<![0-9][-.])(?<!\+ )",
        r"(?![0-9])(?![-.][0-9])",
        is_mobile,
    ),
    Shape(
        "PHONE",
        r"(?:\+|00)[1-9](?:[ .()/-]{0,2}[0-9]){7,14}(?:\s?(?i:x|ext\.?) ?[0-9]{1,6})?",
        r"(?<![0-9+])",
        test=is_international,
    ),
    Shape(
        "PHONE",
        rf"\(?0(?:10|2[0-9]|[3-9][0-9]{{2}})\)?{SEP}[2-8][0-9]{{2,3}}{SEP}[0-9]{{4}}"
        r"(?:(?:-|转|(?i: ?ext\.? ?| ?x))[0-9]{1,6})?",
        test=is_national,
    ),
    Shape(
        "PHONE",
        r"(?:[01][-. ]?)?\(?[2-9][0-9]{2}\)?[-. ]{0,2}[0-9]{3}[-. ][0-9]{4}(?: ?(?i:x|ext\.?) ?[0-9]{1,6})?",
        r"(?<![0-9A-Za-z.,/-])",
        r"(?![0-9A-Za-z])(?![-.,][0-9])",
        is_national,
    ),
    Shape(
        "PHONE",
        r"\(?0[0-9]{1,4}\)?(?:[ .-]\(?[0-9]{2,5}\)?){1,4}(?: ?(?i:x|ext\.?) ?[0-9]{1,6})?",
        r"(?<![0-9A-Za-z.,/-])",
        r"(?![0-9A-Za-z])(?![-.,/][0-9])",
        is_national,
    ),
    Shape(
        "PHONE",
        rf"(?i:电话|手机|座机|传真|联系方式|tel|phone|mobile|cell|fax|whatsapp|"
        rf"call me (?:at|on)|reach me (?:at|on)|text me at)"
        rf"(?:号码?)?(?i: number| no\.?)?{IS}(\(?[0-9]{{2,5}}\)?(?:[ .-]?[0-9]{{2,5}}){{1,4}}(?:x[0-9]{{1,5}})?)",
        r"(?<![A-Za-z])",
        r"(?![0-9])",
        test=lambda value, found: 7 <= sum(map(str.isdigit, value)) <= 15,
    ),
    Shape("PHONE", r"\([0-9]{2,4}\) ?[0-9]{3,4}[- ]?[0-9]{3,4}", test=not_named_otherwise),
    Shape(
        "PHONE",
        r"[0-9]{2}(?:[ .-][0-9]{2}){3,4}",
        r"(?<![0-9A-Za-z.,/:-])",
        r"(?![0-9A-Za-z:/])(?![-.,][0-9])",
        is_local,
    ),
    Shape(
        "PHONE",
        r"\(?[0-9]{2,4}\)?(?:[ .-][0-9]{2,6}){1,4}",
        r"(?<![0-9A-Za-z.,/:-])",
        r"(?![0-9A-Za-z])(?![-.,][0-9])",
        is_local,
    ),
    Shape(
        "POSTCODE",
        rf"(?i:邮编|邮政编码|zip(?: ?code)?|post ?code|postal code){IS}"
        rf"([0-9]{{5,6}}(?:-[0-9]{{4}})?|[A-Z]{{1,2}}[0-9][A-Z0-9]? ?[0-9][A-Z]{{2}})",
        "",
    ),
)
