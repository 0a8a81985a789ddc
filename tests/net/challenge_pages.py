"""Challenge pages as guards send them, in short and in our own words; and pages that only look like them."""

CHALLENGES = {
    "Cloudflare": '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body>'
    "<script>(function(){window._cf_chl_opt={cType:'managed'};})();</script></body></html>",
    "Cloudflare, script alone": "<!DOCTYPE html><html><head><title>news.example</title></head><body>"
    '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=1"></script></body></html>',
    "DDoS-Guard": "<!doctype html><html><head><title>DDoS-Guard</title>"
    '<script src="/.well-known/ddos-guard/js-challenge/index.js"></script></head></html>',
    "Imperva": "<html><head><META NAME='ROBOTS' CONTENT='NOINDEX, NOFOLLOW'></head><body>"
    '<iframe src="/_Incapsula_Resource?SWUDNSAI=31">Incapsula incident ID: 1-1</iframe></body></html>',
    "Qrator": '<!DOCTYPE html><html><head><script src="/__qrator/qauth.js"></script></head><body></body></html>',
    "Sucuri": "<html><title>Redirected...</title>\n<script>var s={};sucuri_cloudproxy_js='';</script></html>",
    "Akamai": '<html><body><script src="/_sec/cp_challenge/ak-challenge-4-3.htm"></script></body></html>',
    "AWS WAF": '<!DOCTYPE html><html><head><script src="https://1a.edge.sdk.token.awswaf.com/1a/challenge.js"></script></head></html>',
    "DataDome": '<html><head><title>news.example</title><script src="https://ct.captcha-delivery.com/c.js"></script></head></html>',
    "PerimeterX": '<!DOCTYPE html><html><body><div id="px-captcha"></div></body></html>',
    "Anubis": "<!doctype html><html><head><title>Making sure you are not a bot!</title></head><body>"
    '<script id="anubis_challenge" type="application/json">{}</script></body></html>',
    "SmartCaptcha": "<!doctype html><html><head><title>Вы не робот?</title></head><body>"
    '<form action="/checkcaptchafast"></form></body></html>',
    "a guard": "\ufeff\n<!-- guard --><!-- another -->\n<HTML><HEAD>"
    "<TITLE>Checking your browser before accessing news.example</TITLE></HEAD></HTML>",
    "a guard, Russian": "<html><head><title>Проверка браузера</title></head></html>",
}
"""Who asks (up to a comma) → the page."""

NONE = {
    "feed about one": '<?xml version="1.0"?><rss version="2.0"><channel><title>Just a moment...</title><item><title>'
    "Checking your browser: how /_Incapsula_Resource and captcha-delivery.com/ work</title></item></channel></rss>",
    "feed after a comment": "<!-- _cf_chl_opt --><rss version='2.0'><channel><title>x</title></channel></rss>",
    "JSON": '{"version": "https://jsonfeed.org/version/1.1", "title": "<title>Just a moment...", "items": []}',
    "page behind Cloudflare": "<!DOCTYPE html><html><head><title>News</title></head><body><p>Just a moment...</p>"
    '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script></body></html>',
    "page about robots": "<html><head><title>Checked your browser?</title></head>DDoS-Guard explained</html>",
    "page": "<!doctype html><title>404</title><h1>Not found</h1>",
    "text": "Just a moment...",
    "comment left open": "<!--" * 20_000 + "<html>",
    "far below": "<html>" + " " * 70_000 + "_cf_chl_opt",
}
