//! Titles that read like television in eighteen languages: a small grammar over word lists.

use rand::Rng;

/// A language, how common it is, where its shows come from, and the words of its titles.
#[derive(Debug)]
struct Words {
    code: &'static str,
    /// Shows in a thousand.
    weight: u32,
    /// The most common country first.
    countries: &'static [&'static str],
    /// `{a}`, `{b}` and `{c}` stand for a word of the first, second and third list, `{n}` for a number.
    patterns: &'static [&'static str],
    a: &'static [&'static str],
    b: &'static [&'static str],
    c: &'static [&'static str],
}

/// A language that shows are made in.
#[derive(Clone, Copy, Debug)]
pub struct Language(&'static Words);

impl Language {
    /// Draws a language as often as television is made in it.
    pub fn draw(rng: &mut impl Rng) -> Self {
        let mut left = rng.random_range(0..LANGUAGES.iter().map(|l| l.weight).sum());
        for words in LANGUAGES {
            if left < words.weight {
                return Self(words);
            }
            left -= words.weight;
        }
        Self(&LANGUAGES[0])
    }

    /// ISO 639-1.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// Draws a country of origin: half of the shows come from the first.
    pub fn country(self, rng: &mut impl Rng) -> &'static str {
        let countries = self.0.countries;
        if rng.random_bool(0.5) {
            countries[0]
        } else {
            pick(countries, rng)
        }
    }
}

/// Invents a title; more than half of all shows have a subtitle too, or few titles would be told apart.
pub fn title(language: Language, rng: &mut impl Rng) -> String {
    let words = language.0;
    let mut title = String::with_capacity(48);
    phrase(words, &mut title, rng);
    if rng.random_bool(0.6) {
        title.push_str(match words.code {
            "ja" | "zh" => "：",
            "fr" => " : ",
            _ => ": ",
        });
        phrase(words, &mut title, rng);
    }
    if rng.random_bool(0.0008) {
        title.push(' ');
        title.push_str(pick(EMOJI, rng));
    }
    title
}

fn phrase(words: &'static Words, title: &mut String, rng: &mut impl Rng) {
    let mut pattern = pick(words.patterns, rng);
    while let Some((before, rest)) = pattern.split_once('{') {
        title.push_str(before);
        let (hole, after) = rest.split_once('}').unwrap_or((rest, ""));
        match hole {
            "a" => title.push_str(pick(words.a, rng)),
            "b" => title.push_str(pick(words.b, rng)),
            "c" => title.push_str(pick(words.c, rng)),
            _ => title.push_str(&rng.random_range(2..=2049).to_string()),
        }
        pattern = after;
    }
    title.push_str(pattern);
}

fn pick(words: &'static [&'static str], rng: &mut impl Rng) -> &'static str {
    words[rng.random_range(0..words.len())]
}

const EMOJI: &[&str] = &["🎬", "🔥", "💔", "🐉", "👩‍🍳", "🚀", "🏝️", "🇧🇷", "🕵🏽‍♀️"];

const LANGUAGES: &[Words] = &[
    Words {
        code: "en",
        weight: 400,
        countries: &["US", "GB", "CA", "AU", "IE", "NZ", "ZA"],
        patterns: &[
            "The {a} {b}", "The {b} of {c}", "{a} {b}s", "{c} {b}s", "{c}: {a} {b}", "The {a} {b}s of {c}",
            "{c} Confidential", "A {a} {b} in {c}", "My {a} {b}", "{c} Nights", "Inside {c}: The {b} Files",
            "Made in {c}", "{b} {n}", "Return to {c}", "Sister {b}", "The Last {b} of {c}",
            "America's {a} {b}", "{c} P.D.", "Dr. {b} & the {a} {b}", "\"{a}\": A {c} Story",
            "Don't Trust the {b}", "{c} vs. {c}", "Keeping Up with the {b}s",
        ],
        a: &[
            "Quiet", "Broken", "Golden", "Silent", "Crooked", "Hidden", "Midnight", "Electric", "Honest",
            "Wild", "Secret", "Perfect", "Lost", "Burning", "Reluctant", "Invisible", "Frozen", "Little",
            "Good", "Bad", "Strange", "Royal", "Second", "Northern", "Hollow", "Ordinary", "Unlikely",
            "Scarlet", "Restless", "Paper", "Velvet", "Distant", "Feral", "Modern", "Haunted", "Innocent",
            "Dangerous", "Accidental", "Infinite", "Naked", "Salty", "Brave",
        ],
        b: &[
            "Detective", "Sister", "Kingdom", "Harbour", "Witness", "Surgeon", "Garden", "Empire",
            "Neighbor", "Baker", "Mountain", "Verdict", "River", "Marriage", "Island", "Doctor", "Stranger",
            "Lawyer", "Crown", "Orchard", "Signal", "Mechanic", "Widow", "Vineyard", "Chef", "Teacher",
            "Murder", "Hospital", "Station", "Frontier", "Machine", "Promise", "Ghost", "Dynasty",
            "Lighthouse", "Spy", "Village", "Algorithm", "Bachelor", "Colony", "Pawnbroker", "Heist",
        ],
        c: &[
            "Brooklyn", "Cornwall", "Savannah", "Halifax", "Chicago", "Glasgow", "Dunmore", "Winterhaven",
            "Alaska", "Melbourne", "Ashford", "Baltimore", "Whitechapel", "Galway", "Honolulu", "Yorkshire",
            "Reno", "Montana", "Cape Town", "Auckland", "Willow Creek", "Thornfield", "Hell's Kitchen",
            "Saint-Denis", "Port Royal", "Manchester", "Nashville", "Mars", "Tomorrow", "Hope", "Silence",
            "Ambition", "Mercy", "Time", "Salt", "Ruin", "Fortune", "O'Hara",
        ],
    },
    Words {
        code: "ja",
        weight: 110,
        countries: &["JP"],
        patterns: &[
            "{a}の{b}", "{a}{b}", "{c}の{a}な{b}", "{b}と{c}", "{c}は{a}の{b}を見る", "{a}の{b} 第{n}章",
            "名{b}{c}", "ザ・{b}", "{c}さんの{b}",
        ],
        a: &[
            "夜明け", "秘密", "真夜中", "最後", "永遠", "青春", "時空", "桜", "隣", "銀河", "鋼", "静か",
            "不思議", "孤独", "幸せ", "雨上がり", "転生", "魔法",
        ],
        b: &[
            "刑事", "約束", "食堂", "物語", "花嫁", "騎士", "教室", "探偵", "冒険", "家族", "恋人", "医者",
            "ラーメン", "戦記", "ドラゴン", "アイドル", "図書館", "弁護士",
        ],
        c: &[
            "京都", "東京", "大阪", "僕", "彼女", "猫", "北海道", "沖縄", "先生", "勇者", "山田", "鈴木",
            "魔王", "姫", "サムライ", "ひまわり",
        ],
    },
    Words {
        code: "ko",
        weight: 70,
        countries: &["KR"],
        patterns: &[
            "{a} {b}", "{c}의 {b}", "{a} {c}", "나의 {a} {b}", "{c}에서 온 {b}", "{b}가 되었습니다",
            "{a} {b}들", "오늘의 {b}", "{c} {n}",
        ],
        a: &[
            "사랑스러운", "비밀의", "마지막", "푸른", "달콤한", "위험한", "낯선", "완벽한", "슬기로운",
            "붉은", "조용한", "빛나는", "수상한", "뜨거운",
        ],
        b: &[
            "형사", "왕자", "약속", "변호사", "의사", "가족", "요리사", "연인", "복수", "상속자", "탐정",
            "신부", "이웃", "학교", "병원", "편지",
        ],
        c: &[
            "서울", "부산", "제주", "조선", "별", "바다", "겨울", "궁", "시간", "천국", "하늘", "도깨비",
            "한강", "종로",
        ],
    },
    Words {
        code: "zh",
        weight: 85,
        countries: &["CN", "TW", "HK", "SG"],
        patterns: &[
            "{a}{b}", "{c}之{b}", "{a}的{b}", "{c}{a}传", "我的{a}{b}", "{c}往事", "大{c}{b}", "{b}在{c}",
            "{a}{b}第{n}集",
        ],
        a: &[
            "长安", "江湖", "凤凰", "锦绣", "倾城", "绝代", "神秘", "青云", "红色", "千年", "玉", "龙",
            "无声", "浪漫", "民國", "紫禁",
        ],
        b: &[
            "侠客", "奇缘", "风云", "人家", "密码", "医生", "爱情", "天下", "皇后", "少年", "律師", "厨神",
            "偵探", "时光", "战争", "妻子",
        ],
        c: &[
            "上海", "北京", "臺北", "香港", "大唐", "三国", "明月", "西湖", "雪山", "草原", "天涯", "重庆",
            "敦煌", "梁山",
        ],
    },
    Words {
        code: "es",
        weight: 75,
        countries: &["ES", "MX", "AR", "CO", "CL", "VE", "PE"],
        patterns: &[
            "La {b} de {c}", "{b} {a}", "El secreto de {c}", "Amor en {c}", "La {b} {a}",
            "¿Quién mató a {c}?", "Señora {b}", "Mañana, {c}", "Corazón de {c}", "{c}, la {b}",
        ],
        a: &[
            "perdida", "prohibida", "eterna", "ciega", "salvaje", "española", "rebelde", "sin límites",
            "invisible", "dueña de nada", "del corazón", "olvidada",
        ],
        b: &[
            "casa", "reina", "señora", "pasión", "niñera", "venganza", "familia", "cocina", "mentira",
            "herencia", "isla", "frontera", "médica", "ley", "promesa", "usurpadora",
        ],
        c: &[
            "Sevilla", "Bogotá", "María", "Cádiz", "Guadalajara", "Lucía", "Buenos Aires", "los Andes",
            "Medellín", "Córdoba", "Inés", "La Habana", "Málaga", "Ramón Peña",
        ],
    },
    Words {
        code: "fr",
        weight: 45,
        countries: &["FR", "BE", "CA", "CH"],
        patterns: &[
            "Les {b}s de {c}", "La {b} {a}", "Meurtres à {c}", "Un été à {c}", "L'{c} et la {b}",
            "Où est la {b} ?", "Chère {b}", "{c}, mon amour", "À la {b} de {c}", "Le Crime de {c}",
        ],
        a: &[
            "cachée", "oubliée", "brisée", "étrangère", "éternelle", "dorée", "interdite", "très spéciale",
            "d'à côté", "imprévue",
        ],
        b: &[
            "maîtresse", "forêt", "boulangère", "rivière", "enquête", "cité", "fenêtre", "sœur", "mémoire",
            "île", "école", "commissaire", "voisine", "comtesse",
        ],
        c: &[
            "Arles", "Étretat", "Orléans", "Ajaccio", "Évian", "Angoulême", "Ouessant", "Alès", "Amiens",
            "Hélène", "Honfleur", "Épernay",
        ],
    },
    Words {
        code: "de",
        weight: 45,
        countries: &["DE", "AT", "CH"],
        patterns: &[
            "Die {b} von {c}", "{c}-Krimi: Die {a} {b}", "Der Tod in {c}", "SOKO {c}", "Mein {c}",
            "Die {a} {b}", "{c} – Eine {b}", "Die {b}ärztin", "Grüße aus {c}", "Rote {b}, {a} Nacht",
        ],
        a: &[
            "stille", "letzte", "süße", "verlorene", "schöne", "gefährliche", "heiße", "zweite", "böse",
            "große", "unmögliche", "fünfte",
        ],
        b: &[
            "Straße", "Brücke", "Anwältin", "Küche", "Königin", "Familie", "Tierklinik", "Insel", "Spur",
            "Schwester", "Mühle", "Lüge", "Büchse", "Flucht",
        ],
        c: &[
            "Köln", "München", "Würzburg", "Wien", "Zürich", "Lübeck", "Görlitz", "Sankt Pölten",
            "Düsseldorf", "Rügen", "Kärnten", "Tübingen",
        ],
    },
    Words {
        code: "pt",
        weight: 35,
        countries: &["BR", "PT", "AO"],
        patterns: &[
            "O {b} de {c}", "{b} {a}", "Coração de {c}", "A Força do {b}", "Paixões em {c}", "{c}, Meu {b}",
            "Além do {b}", "Vidas em {c}",
        ],
        a: &[
            "Proibido", "Selvagem", "Sem Fim", "do Sertão", "Ancião", "Tão Perto", "às Avessas", "Imperfeito",
        ],
        b: &[
            "Amanhã", "Irmão", "Verão", "Clã", "Destino", "Sonho", "Herdeiro", "Capitão", "Segredo",
            "Príncipe", "Pecado",
        ],
        c: &[
            "São Paulo", "Goiânia", "Belém", "Maranhão", "Lisboa", "Conceição", "Évora", "João", "Iguaçu",
            "Niterói",
        ],
    },
    Words {
        code: "it",
        weight: 22,
        countries: &["IT", "CH"],
        patterns: &[
            "La {b} di {c}", "{c}, città {a}", "Il mistero di {c}", "La {b} {a}", "Un'estate a {c}",
            "Così è {c}", "Perché {c}?",
        ],
        a: &[
            "segreta", "perduta", "felice", "più bella", "nascosta", "eterna", "violata",
        ],
        b: &[
            "verità", "famiglia", "libertà", "signora", "bottega", "piazza", "maestra", "eredità", "casa",
            "dottoressa",
        ],
        c: &[
            "Napoli", "Forlì", "Palermo", "Cefalù", "Torino", "Mondovì", "Venezia", "Montalbano", "Niccolò",
            "Sardegna",
        ],
    },
    Words {
        code: "el",
        weight: 14,
        countries: &["GR", "CY"],
        patterns: &[
            "Το {b} της {c}", "{a} {b}", "Μια νύχτα στην {c}", "Οι {a}", "Άγριες {a}", "{c}: {b}",
            "Η {c} μου",
        ],
        a: &[
            "Μέλισσες", "Αόρατοι", "Κόκκινες", "Σιωπηλοί", "Τελευταίοι", "Αδελφές", "Εραστές", "Γείτονες",
        ],
        b: &[
            "Μυστικό", "Νησί", "Όνειρο", "Έγκλημα", "Σπίτι", "Τραγούδι", "Καλοκαίρι", "Ψέμα",
        ],
        c: &[
            "Αθήνα", "Κρήτη", "Θεσσαλονίκη", "Ρόδο", "Πάτρα", "Θάλασσα", "Αλήθεια", "Ύδρα",
        ],
    },
    Words {
        code: "tr",
        weight: 22,
        countries: &["TR"],
        patterns: &[
            "{a} {b}", "{c} {b}leri", "{c}'da {b}", "{a} {c}", "Bir {b} Masalı", "{b} ve {c}", "Kara {b}",
        ],
        a: &[
            "Yasak", "Kayıp", "Küçük", "Gümüş", "Çılgın", "Sessiz", "Kırık", "Şahane", "Ölümsüz", "Yüzüncü",
        ],
        b: &[
            "Aşk", "Güneş", "İntikam", "Deniz", "Çiçek", "Kalp", "Gelin", "Öğretmen", "Söz", "Ev",
        ],
        c: &[
            "İstanbul", "Ankara", "Kapadokya", "Eşkıya", "Boğaz", "Muğla", "Diyarbakır", "Ayşe",
        ],
    },
    Words {
        code: "ru",
        weight: 22,
        countries: &["RU", "UA", "KZ"],
        patterns: &[
            "{a} {b}", "{b} из {c}", "Тайны {c}", "{a} {b} {c}", "{b}. Сезон {n}", "Ещё один {b}", "Мой {b}",
        ],
        a: &[
            "Последний", "Тихий", "Северный", "Чужой", "Золотой", "Невидимый", "Личный", "Железный",
        ],
        b: &[
            "следователь", "дом", "доктор", "капитан", "свидетель", "город", "сосед", "ёж", "берег",
        ],
        c: &[
            "Москвы", "Одессы", "Сибири", "Казани", "Петербурга", "Ялты", "Урала", "тайги",
        ],
    },
    Words {
        code: "sv",
        weight: 16,
        countries: &["SE", "FI"],
        patterns: &[
            "{a} {b}", "Mordet i {c}", "{b} från {c}", "{c}s {b}", "En {b} i {c}", "Välkommen till {c}",
        ],
        a: &["Tysta", "Första", "Gröna", "Blå", "Ensamma", "Förlorade", "Svåra"],
        b: &[
            "änglar", "systrar", "lögner", "flickan", "bröder", "gården", "nätter", "kärlek",
        ],
        c: &[
            "Malmö", "Göteborg", "Östersund", "Åre", "Ystad", "Gävle", "Luleå", "Skärgården",
        ],
    },
    Words {
        code: "da",
        weight: 9,
        countries: &["DK"],
        patterns: &["{a} {b}", "{b} i {c}", "Mordene på {c}", "{c} – en {b}"],
        a: &["Bedrag og", "Kærlige", "Sidste", "Røde", "Fjerne", "Onde"],
        b: &["brødre", "forbrydelse", "søstre", "rejse", "fjender", "løgn"],
        c: &["Ærø", "København", "Fanø", "Helsingør", "Nørrebro", "Møn"],
    },
    Words {
        code: "pl",
        weight: 12,
        countries: &["PL"],
        patterns: &[
            "{a} {b}", "{b} z {c}", "Tajemnice {c}", "Życie w {c}", "{b}, czyli {a} {b}",
        ],
        a: &[
            "Ostatnia", "Żelazna", "Święta", "Cicha", "Spóźniona", "Złota", "Obca",
        ],
        b: &[
            "miłość", "ścieżka", "rodzina", "łza", "sąsiadka", "źrenica", "królowa",
        ],
        c: &[
            "Łodzi", "Krakowa", "Gdańska", "Poznania", "Białegostoku", "Zakopanego",
        ],
    },
    Words {
        code: "hi",
        weight: 16,
        countries: &["IN"],
        patterns: &[
            "{a} {b}", "{b} का {c}", "मेरा {b}", "{c} की {b}", "{a} {c}", "एक था {b}",
        ],
        a: &["अधूरा", "नया", "सच्चा", "अनोखा", "पहला", "लाल", "खोया"],
        b: &["प्यार", "परिवार", "सफ़र", "रिश्ता", "घर", "सपना", "राज़"],
        c: &["दिल्ली", "मुंबई", "गंगा", "महाभारत", "लखनऊ", "ज़िन्दगी"],
    },
    Words {
        code: "ar",
        weight: 12,
        countries: &["EG", "SY", "LB", "KW", "SA"],
        patterns: &[
            "{b} {c}", "{a} {b}", "ليالي {c}", "باب {c}", "حكاية {b}", "{b} في {c}",
        ],
        a: &["سر", "حب", "زمن", "آخر", "طريق", "عودة"],
        b: &[
            "العائلة", "الملك", "البحر", "الذئب", "الطبيب", "المدينة", "الغائب",
        ],
        c: &["القاهرة", "الشام", "بيروت", "الحارة", "الصحراء", "النيل"],
    },
    Words {
        code: "th",
        weight: 10,
        countries: &["TH"],
        patterns: &["{a}{b}", "{b}แห่ง{c}", "{a}ใน{c}", "รัก{b}", "{c}ของฉัน"],
        a: &["เงา", "แผน", "บ้าน", "เพลง", "ไฟ", "สวรรค์"],
        b: &["รัก", "ลวง", "หัวใจ", "ปริศนา", "นางฟ้า", "มังกร"],
        c: &["กรุงเทพ", "เชียงใหม่", "ทะเล", "สายลม", "ดวงดาว", "ความฝัน"],
    },
];
