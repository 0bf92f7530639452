//! The names that the rules try: data that grows with each report.

/// The words of a list.
pub(super) fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split_ascii_whitespace()
}

/// The text with replacements, one after the other, each as often as it is possible: pairs of
/// words, where `-` stands for nothing.
pub(in crate::verify::cause) fn replaced(text: &str, pairs: &str) -> String {
    let mut text = text.to_owned();
    let mut words = words(pairs);
    while let (Some(from), Some(to)) = (words.next(), words.next()) {
        text = text.replace(from, if to == "-" { "" } else { to });
    }
    text
}

/// A word as it is, with a capital at its start, and in capitals.
pub(super) fn capitals(word: &str) -> Vec<String> {
    let capital = capitalized(word);
    vec![word.to_owned(), capital, word.to_ascii_uppercase()]
}

/// A word with a capital at its start.
pub(super) fn capitalized(word: &str) -> String {
    let mut text = word.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Texts that stand for one another: another separator, a delimiter in a name, HTML, Windows, one
/// level of percent-encoding more, and `%` in a batch file, which drops and replaces what follows.
pub(super) const EQUIVALENTS: &[&str] = &[
    "? %3F %3f &",
    "# %23",
    "; &",
    "& &amp; %26",
    "/ \\ %5C %5c",
    "/ %2F",
    "/ %2f",
    "% %25",
    "% %%",
    "0 %20",
];

/// Query parameters that trackers and mail programs add, in lower case.
pub(super) const TRACKERS: &str = "
    _branch_match_id _branch_referrer _ga _gac _gl _ke _kx _openstat bsft_clkid campaignid cid
    ck_subscriber_id cmpid dclid dm_i elqtrack elqtrackid epik fb_action_ids fb_source fbclid
    feature gbraid gclid gclsrc guccounter icid igsh igshid ir_clickid irclickid irgwc li_fat_id
    mkt_tok ml_subscriber ml_subscriber_hash msclkid ncid nr_email_referer oly_anon_id oly_enc_id rb_clickid
    rdt_cid ref ref_src ref_url referrer s_kwcid sc_cid sccid scm share si source spm sr_share
    srsltid ss_email_id trk trkinfo ttclid twclid wbraid wickedid yclid ysclid";

/// The beginnings of names that belong to trackers.
pub(super) const TRACKER_PREFIXES: &str =
    "utm_ mc_ hsa_ _hs __hs pk_ mtm_ matomo_ piwik_ vero_ at_ itm_ stm_";

/// Query parameters that often have no value.
pub(super) const EMPTY: &str = "
    q query search s filter tag tags category type sort order page lang locale region format size
    name title user token session ref debug preview download v version callback";

/// Stages and folders that gateways and rewriting servers add, remove or replace.
pub(super) const FOLDERS: &str = "
    prod production stage staging dev test beta live $default default latest v1 v2 api cdn media
    static assets files public private content images img videos uploads downloads storage data
    origin en _next/static";

/// First labels of hosts that stand for one another in front of and behind a distribution.
pub(super) const LABELS: &str = "
    origin api backend app internal storage cdn media assets static files images img content
    download dl www video";

/// Ports of development servers and load balancers.
pub(super) const PORTS: &str = "
    443 80 8443 8080 8000 3000 5000 9443 4443 8888 9000 4200 5173 8081 10443 8008";

/// Files that servers answer with for a folder.
pub(super) const INDEXES: &str = "
    index.html index.htm index.php default.html default.htm Default.htm default.aspx Default.aspx
    index.json index.m3u8 index.jsp index.asp home.html";

/// Extensions that image proxies, bundlers and servers exchange.
pub(super) const EXTENSIONS: &str = "
    .jpg .webp .avif .jpeg .png .gif .mp4 .m3u8 .webm .mov .js .min.js .css .min.css .htm .html .php
    .tif .tiff";

/// What was signed at the end of the URL: white space, and fragments of links to PDF files and
/// videos.
pub(super) const ENDS: &str = "
    %20 ? %0A & . # #top #toolbar=0 #toolbar=1 #view=Fit #view=FitH #zoom=100 #t=0 #t=0.1 #t=0.001
    #t=1 #t=5 #t=10 #t=30 #t=60 #page=1 #page=2 #page=3 #page=4 #page=5 #page=6 #page=7 #page=8
    #page=9 #page=10 #main #content #download #/ #!";

/// Regions in the hosts of S3 buckets, with the dot behind.
pub(super) const REGIONS: &str = "
    us-east-1. us-east-2. us-west-1. us-west-2. eu-west-1. eu-west-2. eu-west-3. eu-central-1.
    eu-north-1. eu-south-1. ap-south-1. ap-southeast-1. ap-southeast-2. ap-northeast-1.
    ap-northeast-2. ca-central-1. sa-east-1.";

/// Usual lifetimes in seconds, and none.
pub(super) const LIFETIMES: &[i64] = &[
    0, 60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800,
    259_200, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
];
